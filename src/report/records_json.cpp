// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/records_json.hpp"

namespace seqsweep::report {

using Json = nlohmann::ordered_json;

Json to_json(const store::Scores& scores) {
  Json json;
  for (const std::string name : {"loss", "accuracy", "mae", "rmse", "r2"}) json[name] = scores.by_name(name);
  return json;
}

Json to_json(const search::Dimension& dimension) {
  Json condition;
  if (dimension.condition) condition = {{"key", dimension.condition->key}, {"values", dimension.condition->values}};
  return {{"name", dimension.name},
          {"distribution", search::text_of(dimension.distribution)},
          {"condition", std::move(condition)}};
}

}  // namespace seqsweep::report
