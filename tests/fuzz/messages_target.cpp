// SPDX-License-Identifier: Apache-2.0
// The first byte says who reads, the second the tag, the rest are the message's bytes: they are a message or a
// ClusterError, and a message that was read can be sent on.
#include <type_traits>

#include "seqsweep/cluster/messages.hpp"
#include "seqsweep/search/study.hpp"

#include "fuzz.hpp"

namespace seqsweep::fuzz {
namespace {

template <class Message>
void send_on(const Message& message, Message (*unpack)(int, std::span<const std::byte>)) {
  const auto bytes = cluster::pack(message);
  require(bytes.size() <= cluster::max_message_bytes, "a message stays small");
  require(cluster::pack(unpack(static_cast<int>(message.index()), bytes)) == bytes, "a message comes back as it was");
  if constexpr (std::is_same_v<Message, cluster::ToCoordinator>)
    if (const auto* done = std::get_if<cluster::SegmentDone>(&message))
      require(!std::string(search::name_of(done->record.ending)).empty(), "an ending has a name");
}

}  // namespace
}  // namespace seqsweep::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seqsweep;
  fuzz::Input input(data, size);
  const bool is_to_worker = input.byte() % 2 == 0;
  const int tag = static_cast<std::int8_t>(input.byte());
  const auto text = input.text(cluster::max_message_bytes);
  const auto bytes = std::as_bytes(std::span(text));
  fuzz::succeeds([&] {
    if (is_to_worker)
      fuzz::send_on(cluster::unpack_to_worker(tag, bytes), cluster::unpack_to_worker);
    else
      fuzz::send_on(cluster::unpack_to_coordinator(tag, bytes), cluster::unpack_to_coordinator);
  });
  return 0;
}
