// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <iostream>
#include <limits>

#include <nlohmann/json.hpp>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "command_line.hpp"
#include "explanation.hpp"
#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr auto about =
    "Says why a trial was stopped, paused or promoted: each decision about it with its reason, in the\n"
    "order of virtual time; what its training came to; and where that put it among the trials that had\n"
    "been measured at the same epoch by then. Of running, stopped and finished sweeps.\n"
    "\n"
    "A trial that diverged, failed or improved no more counts at the epoch that it was on the way to.\n"
    "Only trials that are compared with one another (a bracket, a round) are counted together.\n"
    "\n"
    "--json prints {trial, state, reason, metric, goal, is_sealed, point {}, segments [{from_epoch,\n"
    "to_epoch, virtual_start, virtual_finish, reason, counts, result {ending, last_epoch, value,\n"
    "best_epoch, message} or null, place or null}], aftermath {at_end (a place), num_went_on,\n"
    "worst_gone_on {trial, value}, chance {virtual_time, place, num_measured, num_going_on}} or null};\n"
    "a place is {epoch, group, place, num_measured, num_going_on, cutoff, above, below}, the last three\n"
    "{trial, value}; what does not apply is null. Keys are never renamed.";

Json to_json(const std::optional<Rival>& rival) {
  if (!rival) return nullptr;
  return {{"trial", rival->trial.value}, {"value", rival->value}};
}

Json to_json(const std::optional<PlaceAtRung>& place) {
  if (!place) return nullptr;
  return {{"epoch", place->epoch},
          {"group", place->group},
          {"place", place->place},
          {"num_measured", place->num_measured},
          {"num_going_on", place->num_going_on ? Json(*place->num_going_on) : Json(nullptr)},
          {"cutoff", to_json(place->cutoff)},
          {"above", to_json(place->above)},
          {"below", to_json(place->below)}};
}

Json to_json(const store::SegmentRecord* result) {
  if (result == nullptr) return nullptr;
  return {{"ending", search::name_of(result->ending)},
          {"last_epoch", result->last_epoch},
          {"value", result->value},
          {"best_epoch", result->best_epoch},
          {"message", result->message}};
}

Json to_json(const ExplainedSegment& segment) {
  const auto& decision = segment.decision;
  return {{"from_epoch", decision.from_epoch},
          {"to_epoch", decision.to_epoch},
          {"virtual_start", decision.virtual_start},
          {"virtual_finish", decision.virtual_finish},
          {"reason", decision.reason},
          {"counts", segment.counts},
          {"result", to_json(segment.result)},
          {"place", to_json(segment.place)}};
}

Json to_json(const std::optional<Aftermath>& aftermath) {
  if (!aftermath) return nullptr;
  Json json = {{"at_end", to_json(std::optional(aftermath->at_end))},
               {"num_went_on", aftermath->num_went_on},
               {"worst_gone_on", to_json(aftermath->worst_gone_on)},
               {"chance", nullptr}};
  if (const auto& chance = aftermath->chance)
    json["chance"] = {{"virtual_time", chance->time},
                      {"place", chance->place},
                      {"num_measured", chance->num_measured},
                      {"num_going_on", chance->num_going_on}};
  return json;
}

TrialId read_trial(const std::string& text) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > most)
    throw ConfigError("'" + text + "' is no number of a trial; write a whole number, 0 or more", "command line",
                      "TRIAL");
  return TrialId(static_cast<std::int32_t>(*number));
}

}  // namespace

std::string to_json(const Explanation& explanation) {
  const auto& [header, is_sealed, trial, segments, aftermath] = explanation;
  Json point = Json::object();
  for (std::size_t d = 0; d < header.dimensions.size(); ++d) {
    const auto& value = trial.point.values.at(d);
    point[header.dimensions[d].name] =
        value ? std::visit([](const auto& held) { return Json(held); }, *value) : Json(nullptr);
  }
  Json json = {{"trial", trial.id.value},
               {"state", search::name_of(trial.state)},
               {"reason", trial.reason},
               {"metric", header.metric},
               {"goal", search::name_of(header.goal)},
               {"is_sealed", is_sealed},
               {"point", std::move(point)},
               {"segments", Json::array()},
               {"aftermath", to_json(aftermath)}};
  for (const auto& segment : segments) json["segments"].push_back(to_json(segment));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int run_explain(Arguments arguments) {
  CommandLineSpec spec{"explain", {"RESULTS.h5", "TRIAL"}, about, po::options_description("options", terminal_columns)};
  spec.options.add_options()("json", "print JSON instead of text");
  const auto line = read_command_line(std::move(spec), arguments);
  if (!line) return static_cast<int>(ExitCode::done);
  const auto trial = read_trial(line->positional.at("TRIAL"));
  const auto results = store::read_results(line->positional.at("RESULTS.h5"), store::Parts::without_epochs);
  const auto explanation = explain(results, trial);
  std::cout << (line->options.count("json") > 0 ? to_json(explanation) : to_text(explanation));
  return static_cast<int>(ExitCode::done);
}

}  // namespace seqsweep::jobs
