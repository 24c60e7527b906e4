// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/messages.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "seqsweep/core/error.hpp"

namespace seqsweep::cluster {
namespace {

// A message lists its fields once (fields() below); these two walk the list.
class Writer {
 public:
  explicit Writer(std::vector<std::byte>& bytes) : bytes_(bytes) {}

  template <class... Ts>
  void operator()(Ts&... values) {
    (put(values), ...);
  }

  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + size);
    std::memcpy(bytes_.data() + begin, data, size);
  }

 private:
  template <class T>
  void put(const T& value);

  std::vector<std::byte>& bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class... Ts>
  void operator()(Ts&... values) {
    (get(values), ...);
  }

  void raw(void* data, std::size_t size) {
    if (size > bytes_.size())
      throw ClusterError("a message is cut short; the ranks may run different builds of seqsweep");
    std::memcpy(data, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
  }
  [[nodiscard]] std::uint32_t count(std::size_t least_bytes_each) {
    std::uint32_t n = 0;
    raw(&n, sizeof n);
    if (n * least_bytes_each > bytes_.size()) throw ClusterError("a message names more values than it has bytes");
    return n;
  }
  [[nodiscard]] bool is_at_end() const { return bytes_.empty(); }

 private:
  template <class T>
  void get(T& value);

  std::span<const std::byte> bytes_;
};

template <class A>
void fields(A& a, TrialId& id) {
  a(id.value);
}
template <class A>
void fields(A& a, store::Scores& s) {
  a(s.loss, s.accuracy, s.mae, s.rmse, s.r2);
}
template <class A>
void fields(A& a, nn::GradientFlowBin& b) {
  a(b.layer, b.distance_from, b.distance_to, b.norm);
}
template <class A>
void fields(A& a, store::Metric& m) {
  a(m.name, m.value);
}
template <class A>
void fields(A& a, store::EpochRecord& r) {
  a(r.trial, r.epoch, r.value, r.train_loss, r.validation, r.learning_rate, r.gradient_norm_mean, r.gradient_norm_max,
    r.clipped_fraction, r.gradient_flow, r.metrics);
}
template <class A>
void fields(A& a, store::SegmentRecord& r) {
  a(r.trial, r.from_epoch, r.to_epoch, r.last_epoch, r.ending, r.value, r.best_epoch, r.further, r.test, r.message);
}
template <class A>
void fields(A& a, store::TimingRecord& r) {
  a(r.trial, r.from_epoch, r.to_epoch, r.num_ranks, r.first_rank, r.host, r.ranks, r.steps, r.started_s, r.seconds,
    r.move_s, r.data_s, r.reduce_s);
}
template <class A>
void fields(A& a, search::Point& p) {
  a(p.values);
}
template <class A>
void fields(A& a, search::Parent& p) {
  a(p.trial, p.epoch);
}
template <class A>
void fields(A& a, RunSegment& m) {
  a(m.leg, m.generation, m.trial, m.from_epoch, m.to_epoch, m.best_value, m.best_epoch, m.point, m.parent, m.ranks);
}
template <class A>
void fields(A& a, Regroup& m) {
  a(m.of, m.leg, m.generation, m.ranks);
}
template <class A>
void fields(A&, Interrupt&) {}
template <class A>
void fields(A& a, Abandon& m) {
  a(m.leg);
}
template <class A>
void fields(A&, CoordinatorAlive&) {}
template <class A>
void fields(A& a, RankLost& m) {
  a(m.rank, m.last_leg);
}
template <class A>
void fields(A&, Shutdown&) {}
template <class A>
void fields(A& a, Leave& m) {
  a(m.has_losses);
}
template <class A>
void fields(A& a, EpochDone& m) {
  a(m.leg, m.record);
}
template <class A>
void fields(A& a, LegDone& m) {
  a(m.leg, m.epochs, m.timing);
}
template <class A>
void fields(A& a, SegmentDone& m) {
  a(m.leg, m.epochs, m.record, m.timing, m.is_interrupted);
}
template <class A>
void fields(A& a, OutOfMemory& m) {
  a(m.rank, m.leg);
}
template <class A>
void fields(A& a, Goodbye& m) {
  a(m.rank);
}
template <class A>
void fields(A& a, WorkerAlive& m) {
  a(m.rank, m.leg, m.epochs, m.seconds);
}

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

constexpr auto last_ending = search::Ending::failed;  // of the enumeration
constexpr std::size_t longest_text = 1000;            // of a host name or an error text

template <class T>
void Writer::put(const T& value) {
  if constexpr (Number<T>) {
    raw(&value, sizeof value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    const auto size = static_cast<std::uint32_t>(std::min(value.size(), longest_text));
    raw(&size, sizeof size);
    raw(value.data(), size);
  } else if constexpr (requires { value.has_value(); }) {
    put(value.has_value());
    if (value.has_value()) put(*value);
  } else if constexpr (requires { value.index(); }) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& v) { this->put(v); }, value);
  } else if constexpr (requires { value.size(); }) {
    put(static_cast<std::uint32_t>(value.size()));
    for (const auto& v : value) put(v);
  } else {
    fields(*this, const_cast<T&>(value));  // fields() is shared with the reader
  }
}

template <std::size_t I = 0>
search::Value value_of_index(std::size_t index) {
  if constexpr (I < std::variant_size_v<search::Value>)
    return index == I ? search::Value(std::in_place_index<I>) : value_of_index<I + 1>(index);
  throw ClusterError("a message holds a value of an unknown type; the ranks may run different builds of seqsweep");
}

template <class T>
void Reader::get(T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    std::uint8_t byte = 0;
    get(byte);
    value = byte != 0;
  } else if constexpr (Number<T>) {
    raw(&value, sizeof value);
    if constexpr (std::is_same_v<T, search::Ending>)
      if (value < search::Ending::reached || value > last_ending)
        throw ClusterError("a message names an unknown ending; the ranks may run different builds of seqsweep");
  } else if constexpr (std::is_same_v<T, std::string>) {
    value.resize(count(1));
    raw(value.data(), value.size());
  } else if constexpr (requires { value.has_value(); }) {
    bool has = false;
    get(has);
    value.reset();
    if (has) get(value.emplace());
  } else if constexpr (requires { value.index(); }) {
    std::uint8_t index = 0;
    get(index);
    value = value_of_index(index);
    std::visit([this](auto& v) { this->get(v); }, value);
  } else if constexpr (requires { value.resize(1); }) {
    value.resize(count(1));
    for (auto& v : value) get(v);
  } else {
    fields(*this, value);
  }
}

template <class Variant>
std::vector<std::byte> pack_variant(const Variant& message) {
  std::vector<std::byte> bytes;
  Writer writer(bytes);
  std::visit([&](const auto& m) { writer(m); }, message);
  SEQSWEEP_ENSURE(bytes.size() <= max_message_bytes, "a message is larger than the receiver's buffer");
  return bytes;
}

template <class Variant, std::size_t I = 0>
Variant unpack_variant(int tag, std::span<const std::byte> bytes) {
  if constexpr (I < std::variant_size_v<Variant>) {
    if (static_cast<std::size_t>(tag) != I) return unpack_variant<Variant, I + 1>(tag, bytes);
    std::variant_alternative_t<I, Variant> message;
    Reader reader(bytes);
    reader(message);
    if (!reader.is_at_end())
      throw ClusterError("a message is too long; the ranks may run different builds of seqsweep");
    return message;
  } else {
    throw ClusterError("a message has an unknown tag; the ranks may run different builds of seqsweep");
  }
}

}  // namespace

store::SegmentRecord failed_record(const RunSegment& order, std::string message) {
  store::SegmentRecord record;
  record.trial = order.trial;
  record.from_epoch = record.last_epoch = order.from_epoch;
  record.to_epoch = order.to_epoch;
  record.ending = search::Ending::failed;
  record.value = store::not_applicable;
  record.message = std::move(message);
  return record;
}

std::vector<std::byte> pack(const ToWorker& message) {
  return pack_variant(message);
}
std::vector<std::byte> pack(const ToCoordinator& message) {
  return pack_variant(message);
}

ToWorker unpack_to_worker(int tag, std::span<const std::byte> bytes) {
  return unpack_variant<ToWorker>(tag, bytes);
}

ToCoordinator unpack_to_coordinator(int tag, std::span<const std::byte> bytes) {
  return unpack_variant<ToCoordinator>(tag, bytes);
}

}  // namespace seqsweep::cluster
