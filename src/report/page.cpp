// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/page.hpp"

#include "page_files.hpp"
#include "page_json.hpp"

namespace seqsweep::report {
namespace {

Json page_json(const store::Results& results, const PageContext& context) {
  const auto summary = summarise(results);
  const auto curves = learning_curves(results);
  const auto ledger = ledger_of(results);
  Json json;
  json["sweep"] = answer_json(results, summary, context);
  json["dimensions"] = dimensions_json(summary);
  json["trials"] = trials_json(summary, curves);
  json["curves"] = curves_json(summary, curves);
  json["progress"] = progress_json(results, ledger);
  json["importance"] = importance_json(results);
  json["rungs"] = rungs_json(results, summary);
  json["front"] = front_json(summary);
  json["gradients"] = gradients_json(results, summary);
  json["ledger"] = ledger_json(ledger);
  json["failures"] = failures_json(summary);
  json["record"] = record_json(summary);
  json["no_plots"] = plot_library().why_not;
  return json;
}

// Each mark of the template stands once, and what takes its place is not looked at again.
std::string filled(std::string_view text, const std::map<std::string_view, std::string_view>& parts) {
  std::string page;
  while (true) {
    const auto begin = text.find("<!--{");
    if (begin == std::string_view::npos) return page.append(text);
    const auto end = text.find("}-->", begin);
    page.append(text.substr(0, begin));
    page.append(parts.at(text.substr(begin + 5, end - begin - 5)));
    text.remove_prefix(end + 4);
  }
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

// In JSON a "<" stands in strings only, where \u003c means the same.
std::string script_escaped(const std::string& json) {
  std::string escaped;
  escaped.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      escaped += "\\u003c";
    else
      escaped += c;
  }
  return escaped;
}

PlotLibrary plot_library() {
  return {!files::echarts.empty(), std::string(files::echarts_why_not)};
}

std::string page(const store::Results& results, const PageContext& context) {
  const auto title = html_escaped(context.results_path);
  const auto json = page_json(results, context).dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto data = script_escaped(json);
  return filled(files::page_html, {{"title", title},
                                   {"style", files::style_css},
                                   {"data", data},
                                   {"library", files::echarts},
                                   {"scripts", files::scripts}});
}

}  // namespace seqsweep::report
