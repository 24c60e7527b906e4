// SPDX-License-Identifier: Apache-2.0
#include "header_io.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/schema.hpp"

#include "definition_text.hpp"
#include "row_format.hpp"

namespace seqsweep::store {
namespace {

using Texts = std::vector<std::string>;

// For those who open the file by other means.
constexpr const char* description =
    R"(Results of a hyperparameter sweep, written by the program seqsweep.
Each data set is a table: its attribute description says what a row is, its attribute columns what each column is, with
its unit. NaN: does not apply, or unknown yet. Python: pandas.DataFrame(h5py.File("RESULTS.h5")["trials"][:])
  definition                        all settings that make the results; where a value is searched, its distribution
  metric, goal                      what trials are compared by, and where it should go
  further_metrics, further_goals    of several objectives those after the first
  trials                            how many the sweep has in all
  dataset_name, dataset_provenance  what it was made on, and the command that made that
  dataset_description               what that holds
  dataset_fingerprint               of its content
  floor_rule                        a trivial rule that a network must beat
  validation_floor, test_floor      what the rule scores: loss, accuracy, mae, rmse, r2
  sealed                            1: the sweep is finished; 0: it runs, or was stopped
  seqsweep, format_version          what this file is; program_version, git_revision, instruction_set: what wrote it
)";

Texts texts_of(const search::Uniform& d) {
  return {"uniform", shortest(d.low), shortest(d.high), shortest(d.step)};
}
Texts texts_of(const search::LogUniform& d) {
  return {"loguniform", shortest(d.low), shortest(d.high)};
}
Texts texts_of(const search::Integer& d) {
  return {"int", std::to_string(d.low), std::to_string(d.high), std::to_string(d.step), d.is_log ? "log" : "linear"};
}
Texts texts_of(const search::Normal& d) {
  return {"normal", shortest(d.mean), shortest(d.sd)};
}
Texts texts_of(const search::LogNormal& d) {
  return {"lognormal", shortest(d.mean), shortest(d.sd)};
}
Texts texts_of(const search::Choice& d) {
  Texts texts = d.values;
  texts.insert(texts.begin(), "choice");
  return texts;
}

/// The arguments of one dimension as texts, taken one after another.
class Arguments {
 public:
  Arguments(const Texts& texts, const std::string& file) : texts_(texts), file_(file) {}

  const std::string& text() {
    if (next_ >= texts_.size()) fail();
    return texts_[next_++];
  }
  double real() { return number(parse_real(text())); }
  std::int64_t integer() { return number(parse_integer(text())); }
  Texts rest() const { return {texts_.begin() + static_cast<std::ptrdiff_t>(next_), texts_.end()}; }
  [[noreturn]] void fail() const {
    throw StoreError(fmt::format("the dimension '{}' cannot be read; the file is damaged", join(texts_, ", ")), file_);
  }

 private:
  template <class Number>
  Number number(std::optional<Number> parsed) const {
    if (!parsed) fail();
    return *parsed;
  }
  const Texts& texts_;
  const std::string& file_;
  std::size_t next_ = 0;
};

// Braces evaluate their arguments from left to right.
search::Distribution distribution_of(Arguments& a) {
  const std::string& kind = a.text();
  if (kind == "uniform") return search::Uniform{a.real(), a.real(), a.real()};
  if (kind == "loguniform") return search::LogUniform{a.real(), a.real()};
  if (kind == "int") return search::Integer{a.integer(), a.integer(), a.integer(), a.text() == "log"};
  if (kind == "normal") return search::Normal{a.real(), a.real()};
  if (kind == "lognormal") return search::LogNormal{a.real(), a.real()};
  if (kind == "choice") return search::Choice{a.rest()};
  a.fail();
}

std::string number_name(std::size_t d) {
  return fmt::format("{:03}", d);
}

search::Goal goal_of(const std::string& text) {
  return text == "maximize" ? search::Goal::maximize : search::Goal::minimize;
}

void write_further_metrics(h5::File& file, const std::vector<FurtherMetric>& metrics) {
  if (metrics.empty()) return;
  Texts names, goals;
  for (const auto& metric : metrics) {
    names.push_back(metric.name);
    goals.emplace_back(search::name_of(metric.goal));
  }
  file.write_attribute("/", "further_metrics", names);
  file.write_attribute("/", "further_goals", goals);
}

std::vector<FurtherMetric> read_further_metrics(const h5::File& file) {
  if (!file.has_attribute("/", "further_metrics")) return {};
  const auto names = file.read_texts("/", "further_metrics"), goals = file.read_texts("/", "further_goals");
  if (names.size() != goals.size())
    throw StoreError(fmt::format("{} further metrics have {} goals; the file is damaged", names.size(), goals.size()),
                     file.path());
  std::vector<FurtherMetric> metrics;
  for (std::size_t m = 0; m < names.size(); ++m) metrics.push_back({names[m], goal_of(goals[m])});
  return metrics;
}

void write_dimensions(h5::File& file, const std::vector<search::Dimension>& dimensions) {
  file.create_group("/dimensions");
  file.write_attribute(
      "/dimensions", "description",
      std::string("the search space: 000, 001 ... are lists of key, kind of distribution, arguments; "
                  "000.if is the key that decides whether 000 exists, and the values for which it does"));
  file.write_attribute("/dimensions", "count", static_cast<std::int64_t>(dimensions.size()));
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    Texts texts =
        std::visit([](const auto& distribution) { return texts_of(distribution); }, dimensions[d].distribution);
    texts.insert(texts.begin(), dimensions[d].name);
    file.write_attribute("/dimensions", number_name(d), texts);
    if (!dimensions[d].condition) continue;
    texts = dimensions[d].condition->values;
    texts.insert(texts.begin(), dimensions[d].condition->key);
    file.write_attribute("/dimensions", number_name(d) + ".if", texts);
  }
}

std::vector<search::Dimension> read_dimensions(const h5::File& file) {
  std::vector<search::Dimension> dimensions;
  const auto count = static_cast<std::size_t>(file.read_integer("/dimensions", "count"));
  for (std::size_t d = 0; d < count; ++d) {
    const auto texts = file.read_texts("/dimensions", number_name(d));
    Arguments arguments(texts, file.path());
    search::Dimension dimension;
    dimension.name = arguments.text();
    dimension.distribution = distribution_of(arguments);
    if (file.has_attribute("/dimensions", number_name(d) + ".if")) {
      const auto condition = file.read_texts("/dimensions", number_name(d) + ".if");
      Arguments words(condition, file.path());
      const auto key = words.text();
      dimension.condition = search::Condition{key, words.rest()};
    }
    dimensions.push_back(std::move(dimension));
  }
  try {
    return search::SearchSpace(dimensions).dimensions();
  } catch (const ConfigError& error) {
    throw StoreError(fmt::format("its search space makes no sense ({}); the file is damaged", error.what()),
                     file.path());
  }
}

int read_budget(const h5::File& file) {
  const auto trials = file.read_integer("/", "trials");
  if (trials < 0 || trials > most_trials)
    throw StoreError(fmt::format("speaks of {} trials; the file is damaged", trials), file.path());
  return static_cast<int>(trials);
}

std::vector<double> list_of(const Scores& s) {
  return {s.loss, s.accuracy, s.mae, s.rmse, s.r2};
}

Scores scores_of(const std::vector<double>& list, const std::string& file) {
  if (list.size() != 5)
    throw StoreError(fmt::format("a floor has {} scores, 5 expected; the file is damaged", list.size()), file);
  return {list[0], list[1], list[2], list[3], list[4]};
}

}  // namespace

void write_kind(h5::File& file, const char* kind) {
  file.write_attribute("/", "seqsweep", std::string(kind));
  file.write_attribute("/", "format_version", std::int64_t{format_version});
}

void check_kind(const h5::File& file, const char* kind) {
  if (!file.has_attribute("/", "seqsweep"))
    throw StoreError(fmt::format("is an HDF5 file, but holds no {} of seqsweep; check the path", kind), file.path());
  if (const auto found = file.read_text("/", "seqsweep"); found != kind)
    throw StoreError(fmt::format("holds the {}, not the {}; check the path", found, kind), file.path());
  if (const auto version = file.read_integer("/", "format_version"); version != format_version)
    throw StoreError(fmt::format("has format version {}, this program reads version {}; use the program that wrote it",
                                 version, format_version),
                     file.path());
}

void write_header(h5::File& file, const ResultsHeader& header, bool is_sealed) {
  write_kind(file, results_kind);
  file.write_attribute("/", "description", std::string(description));
  file.write_attribute("/", "sealed", std::int64_t{is_sealed});
  file.write_attribute("/", "definition", definition_text(header.definition));
  file.write_attribute("/", "metric", header.metric);
  file.write_attribute("/", "goal", std::string(search::name_of(header.goal)));
  write_further_metrics(file, header.further_metrics);
  file.write_attribute("/", "trials", std::int64_t{header.trials});
  file.write_attribute("/", "dataset_name", header.dataset_name);
  file.write_attribute("/", "dataset_fingerprint", header.dataset_fingerprint);
  file.write_attribute("/", "dataset_provenance", header.dataset_provenance);
  file.write_attribute("/", "dataset_description", header.dataset_description);
  file.write_attribute("/", "validation_floor", list_of(header.validation_floor));
  file.write_attribute("/", "test_floor", list_of(header.test_floor));
  file.write_attribute("/", "floor_rule", header.floor_rule);
  file.write_attribute("/", "program_version", header.program_version);
  file.write_attribute("/", "git_revision", header.git_revision);
  file.write_attribute("/", "instruction_set", header.instruction_set);
  write_dimensions(file, header.dimensions);
}

ResultsHeader read_header(const h5::File& file) {
  ResultsHeader header;
  header.definition = parse_definition(file.read_text("/", "definition"), file.path());
  header.dimensions = read_dimensions(file);
  header.metric = file.read_text("/", "metric");
  header.goal = goal_of(file.read_text("/", "goal"));
  header.further_metrics = read_further_metrics(file);
  header.trials = read_budget(file);
  header.dataset_name = file.read_text("/", "dataset_name");
  header.dataset_fingerprint = file.read_text("/", "dataset_fingerprint");
  header.dataset_provenance = file.read_text("/", "dataset_provenance");
  header.dataset_description = file.read_text("/", "dataset_description");
  header.validation_floor = scores_of(file.read_reals("/", "validation_floor"), file.path());
  header.test_floor = scores_of(file.read_reals("/", "test_floor"), file.path());
  header.floor_rule = file.read_text("/", "floor_rule");
  header.program_version = file.read_text("/", "program_version");
  header.git_revision = file.read_text("/", "git_revision");
  header.instruction_set = file.read_text("/", "instruction_set");
  return header;
}

bool is_sealed(const h5::File& file) {
  return file.read_integer("/", "sealed") != 0;
}

}  // namespace seqsweep::store
