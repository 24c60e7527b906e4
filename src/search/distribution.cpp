// SPDX-License-Identifier: Apache-2.0
#include "distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "normal_quantile.hpp"

namespace seqsweep::search {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;  // clang 14 wants it said

constexpr double smallest_quantile = 0x1p-54;  // in place of 0, where a normal distribution has no value
constexpr double largest_normal = 8.3;         // |normal_quantile| of all quantiles that occur
constexpr double most_steps = 0x1p31;
constexpr std::int64_t widest_integer_range = std::int64_t{1} << 53;  // what a quantile can tell apart

// Digits behind the point as a user would write the number: 2 of 0.05, 5 of 1e-05, none of 1e+16.
int num_decimals(double value) {
  const auto text = shortest(value);
  const auto exponent_at = std::min(text.find('e'), text.size());
  const auto point = std::min(text.find('.'), exponent_at);
  const auto digits = static_cast<int>(exponent_at - point) - (point < exponent_at ? 1 : 0);
  const auto exponent = exponent_at < text.size() ? *parse_integer(text.substr(exponent_at + 1)) : 0;
  return std::max(0, digits - static_cast<int>(exponent));
}

// Bounds and step are decimals in binary: (0.3 - 0) / 0.1 is just below 3.
std::int64_t num_steps(const Uniform& u) {
  return static_cast<std::int64_t>(std::floor((u.high - u.low) / u.step + 1e-6));
}

// The decimal that a user would write: 0.3, not 0.1 * 3 = 0.30000000000000004, and 0, not -0.3 + 3 * 0.1 = 5.6e-17.
double nth(const Uniform& u, std::int64_t index) {
  const int decimals = std::max(num_decimals(u.low), num_decimals(u.step));
  const double value = *parse_real(fmt::format("{:.{}f}", u.low + static_cast<double>(index) * u.step, decimals));
  return std::clamp(value == 0 ? 0 : value, u.low, u.high);  // no negative zero
}

std::int64_t count(const Integer& i) {
  return (i.high - i.low) / i.step + 1;
}

std::int64_t index_at(double u, std::int64_t count) {
  return std::min(static_cast<std::int64_t>(u * static_cast<double>(count)), count - 1);
}

// Uniform in the logarithm, each integer with the share of [n - 1/2, n + 1/2], so that both ends are reached.
std::int64_t log_integer_at(const Integer& i, double u) {
  const double from = std::log(static_cast<double>(i.low) - 0.5);
  const double to = std::log(static_cast<double>(i.high) + 0.5);
  return std::clamp(static_cast<std::int64_t>(std::llround(std::exp(from + u * (to - from)))), i.low, i.high);
}

double standard_normal_at(double u) {
  return normal_quantile(std::max(u, smallest_quantile));
}

// Where a value of a continuous distribution lies: the inverse of value_at().
double quantile_of(const Distribution& distribution, double x) {
  const auto share = [](double low, double high, double at) { return high > low ? (at - low) / (high - low) : 0.5; };
  const auto normal_share = [](double mean, double sd, double at) {
    return 0.5 * std::erfc((mean - at) / (sd * std::numbers::sqrt2));
  };
  if (const auto* u = std::get_if<Uniform>(&distribution)) return share(u->low, u->high, x);
  if (const auto* l = std::get_if<LogUniform>(&distribution))
    return share(std::log(l->low), std::log(l->high), std::log(x));
  if (const auto* n = std::get_if<Normal>(&distribution)) return normal_share(n->mean, n->sd, x);
  const auto& l = std::get<LogNormal>(distribution);
  return normal_share(l.mean, l.sd, std::log(x));
}

// ---- what makes no sense: (why, what to do), or nothing

using Complaint = std::optional<std::string>;

Complaint complaint_about_range(double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high) || !std::isfinite(high - low))
    return "a bound is not finite; write numbers";
  if (low > high) return "the range is reversed; write the lower bound first";
  return std::nullopt;
}

Complaint complaint_about(const Uniform& u) {
  if (auto complaint = complaint_about_range(u.low, u.high)) return complaint;
  if (!std::isfinite(u.step) || u.step < 0)
    return "the step is not a positive number; write one, or none for a continuous range";
  if (u.step > 0 && u.high > u.low && u.step > (u.high - u.low) * (1 + 1e-6))
    return "the step is wider than the range; write a smaller one";
  if (u.step > 0 && (u.high - u.low) / u.step >= most_steps)
    return "the range has more than 2^31 steps; leave the step out";
  return std::nullopt;
}

Complaint complaint_about(const LogUniform& l) {
  if (auto complaint = complaint_about_range(l.low, l.high)) return complaint;
  if (l.low <= 0) return "the range is logarithmic and must be above 0; write a positive lower bound, or uniform";
  return std::nullopt;
}

Complaint complaint_about(const Integer& i) {
  if (i.low > i.high) return "the range is reversed; write the lower bound first";
  if (static_cast<std::uint64_t>(i.high) - static_cast<std::uint64_t>(i.low) > widest_integer_range)
    return "the range is wider than 2^53; narrow it";
  if (i.step < 1) return "the step is not a positive integer; write one, or none";
  if (i.high > i.low && i.step > i.high - i.low) return "the step is wider than the range; write a smaller one";
  if (i.is_log && i.low < 1)
    return "the range is logarithmic and must be above 0; write a lower bound of at least 1, or leave out 'log'";
  if (i.is_log && i.step != 1) return "a range has either a step or is logarithmic; write one of the two";
  return std::nullopt;
}

Complaint complaint_about_spread(double mean, double sd) {
  if (!std::isfinite(mean) || !std::isfinite(sd)) return "mean or standard deviation is not finite; write numbers";
  if (sd <= 0) return "the standard deviation is not above 0; write a positive one";
  if (!std::isfinite(std::abs(mean) + largest_normal * sd))
    return "values would not be finite; write a smaller mean or standard deviation";
  return std::nullopt;
}

Complaint complaint_about(const Normal& n) {
  return complaint_about_spread(n.mean, n.sd);
}

Complaint complaint_about(const LogNormal& l) {
  if (auto complaint = complaint_about_spread(l.mean, l.sd)) return complaint;
  if (std::abs(l.mean) + largest_normal * l.sd > 700)
    return "values would not be finite (mean and sd are those of the logarithm); write smaller ones";
  return std::nullopt;
}

Complaint complaint_about(const Choice& c) {
  if (c.values.empty()) return "there is nothing to choose from; write at least one value";
  std::set<std::string> seen;
  for (const auto& value : c.values) {
    if (value.empty()) return "a choice is empty; write a value between the commas";
    if (!seen.insert(value).second) return fmt::format("'{}' stands there twice; write each value once", value);
  }
  return std::nullopt;
}

}  // namespace

void check(const std::string& name, const Distribution& distribution) {
  if (const auto complaint = std::visit([](const auto& d) { return complaint_about(d); }, distribution))
    throw ConfigError(fmt::format("{} = {}: {}", name, text_of(distribution), *complaint), {}, name);
}

std::string text_of(const Distribution& distribution) {
  return std::visit(
      Overloaded{
          [](const Uniform& u) {
            return u.step == 0
                       ? fmt::format("uniform({}, {})", shortest(u.low), shortest(u.high))
                       : fmt::format("uniform({}, {}, {})", shortest(u.low), shortest(u.high), shortest(u.step));
          },
          [](const LogUniform& l) { return fmt::format("loguniform({}, {})", shortest(l.low), shortest(l.high)); },
          [](const Integer& i) {
            if (i.is_log) return fmt::format("int({}, {}, log)", i.low, i.high);
            return i.step == 1 ? fmt::format("int({}, {})", i.low, i.high)
                               : fmt::format("int({}, {}, {})", i.low, i.high, i.step);
          },
          [](const Normal& n) { return fmt::format("normal({}, {})", shortest(n.mean), shortest(n.sd)); },
          [](const LogNormal& l) { return fmt::format("lognormal({}, {})", shortest(l.mean), shortest(l.sd)); },
          [](const Choice& c) { return fmt::format("choice({})", join(c.values, ", ")); },
      },
      distribution);
}

std::string text_of(const Value& value) {
  return std::visit(Overloaded{[](std::int64_t v) { return fmt::format("{}", v); },
                               [](double v) { return shortest(v); }, [](const std::string& v) { return v; }},
                    value);
}

std::optional<Value> value_of(const Distribution& distribution, const std::string& text) {
  if (num_values(distribution)) {
    const auto index = index_of(distribution, text);
    return index ? std::optional(nth_value(distribution, *index)) : std::nullopt;
  }
  const auto number = parse_real(text);
  return number && lies_in(distribution, *number) ? std::optional<Value>(*number) : std::nullopt;
}

Value value_at(const Distribution& distribution, double u) {
  SEQSWEEP_EXPECT(u >= 0 && u < 1, "a quantile lies outside [0, 1)");
  return std::visit(
      Overloaded{
          [u](const Uniform& d) -> Value {
            if (d.step > 0) return nth(d, index_at(u, num_steps(d) + 1));
            return std::clamp(d.low + u * (d.high - d.low), d.low, d.high);
          },
          [u](const LogUniform& d) -> Value {
            const double from = std::log(d.low), to = std::log(d.high);
            return std::clamp(std::exp(from + u * (to - from)), d.low, d.high);
          },
          [u](const Integer& d) -> Value {
            return d.is_log ? log_integer_at(d, u) : d.low + d.step * index_at(u, count(d));
          },
          [u](const Normal& d) -> Value { return d.mean + d.sd * standard_normal_at(u); },
          [u](const LogNormal& d) -> Value { return std::exp(d.mean + d.sd * standard_normal_at(u)); },
          [u](const Choice& d) -> Value {
            return d.values[static_cast<std::size_t>(index_at(u, static_cast<std::int64_t>(d.values.size())))];
          },
      },
      distribution);
}

bool lies_in(const Distribution& distribution, const Value& value) {
  if (num_values(distribution)) {
    const auto index = index_of(distribution, text_of(value));
    return index && nth_value(distribution, *index) == value;
  }
  const auto* x = std::get_if<double>(&value);
  if (x == nullptr || !std::isfinite(*x)) return false;
  if (const auto* u = std::get_if<Uniform>(&distribution)) return u->low <= *x && *x <= u->high;
  if (const auto* l = std::get_if<LogUniform>(&distribution)) return l->low <= *x && *x <= l->high;
  return std::holds_alternative<Normal>(distribution) || *x > 0;
}

std::optional<std::int64_t> num_values(const Distribution& distribution) {
  if (const auto* u = std::get_if<Uniform>(&distribution); u != nullptr && u->step > 0) return num_steps(*u) + 1;
  if (const auto* i = std::get_if<Integer>(&distribution)) return count(*i);
  if (const auto* c = std::get_if<Choice>(&distribution)) return static_cast<std::int64_t>(c->values.size());
  return std::nullopt;
}

Value nth_value(const Distribution& distribution, std::int64_t index) {
  const auto size = num_values(distribution);
  SEQSWEEP_EXPECT(size && index >= 0 && index < *size, "a value was asked for that the distribution does not have");
  if (const auto* u = std::get_if<Uniform>(&distribution)) return nth(*u, index);
  if (const auto* i = std::get_if<Integer>(&distribution)) return i->low + index * i->step;
  return std::get<Choice>(distribution).values[static_cast<std::size_t>(index)];
}

Cell cell_of(const Distribution& distribution, const Value& value) {
  if (const auto* i = std::get_if<Integer>(&distribution); i != nullptr && i->is_log) {
    const auto n = static_cast<double>(std::get<std::int64_t>(value));
    const double from = std::log(static_cast<double>(i->low) - 0.5);
    const double to = std::log(static_cast<double>(i->high) + 0.5);
    return {(std::log(n - 0.5) - from) / (to - from), (std::log(n + 0.5) - from) / (to - from)};
  }
  if (const auto count = num_values(distribution)) {
    const auto index = static_cast<double>(index_of(distribution, text_of(value)).value());
    return {index / static_cast<double>(*count), (index + 1) / static_cast<double>(*count)};
  }
  const double u = quantile_of(distribution, std::get<double>(value));
  return {u, u};
}

std::optional<std::int64_t> index_of(const Distribution& distribution, const std::string& text) {
  const auto size = num_values(distribution);
  if (!size) return std::nullopt;
  std::int64_t index = -1;
  if (const auto* c = std::get_if<Choice>(&distribution)) {
    index = std::find(c->values.begin(), c->values.end(), text) - c->values.begin();
  } else if (const auto* i = std::get_if<Integer>(&distribution)) {
    const auto number = parse_integer(text);
    if (number && *number >= i->low && *number <= i->high) index = (*number - i->low) / i->step;
  } else {
    const auto& u = std::get<Uniform>(distribution);
    const auto number = parse_real(text);
    if (number && *number >= u.low && *number <= u.high) index = std::llround((*number - u.low) / u.step);
  }
  if (index < 0 || index >= *size || text_of(nth_value(distribution, index)) != text) return std::nullopt;
  return index;
}

}  // namespace seqsweep::search
