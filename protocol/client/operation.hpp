#pragma once
// One submission on its way: records that stay together in one frame. Internal to the client; lives on its strand.
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "protocol/client/answer.hpp"
#include "protocol/client/client_options.hpp"
#include "protocol/wire/frame_types.hpp"

namespace payloom::client {

using clock = std::chrono::steady_clock;

struct operation {
  frame_type type = frame_type::ping;
  std::uint32_t count = 0;      ///< events
  std::vector<std::byte> body;  ///< the records; kept for sending again with the same ids
  submit_options options;
  callback on_answer;
  clock::time_point deadline;
  bool done = false;      ///< the callback was called
  bool in_doubt = false;  ///< an attempt went out and neither answer nor refusal came back
  bool refused = false;   ///< the last attempt was answered with a refusal that may pass
  answer last_refusal;    ///< that answer, given at the deadline
  std::multimap<clock::time_point, std::shared_ptr<operation>>::iterator in_deadlines;

  bool is_command() const {
    const wire::frame_type_info* info = wire::find_frame_type(static_cast<std::uint16_t>(type));
    return info != nullptr && info->family == wire::frame_family::command;
  }
  /// The server may answer much later, when there is something to say: nobody else waits for that reply.
  bool is_waiting_query() const { return type == frame_type::order_events; }
  /// Commands of one kind travel in one frame; everything else alone.
  bool may_join(const operation& other) const {
    return is_command() && type == other.type && options.want_balances == other.options.want_balances &&
           options.priority == other.options.priority && options.context_id == other.options.context_id &&
           options.root_id == other.options.root_id && options.hop == other.options.hop;
  }
  std::size_t result_bytes() const { return options.want_balances ? sizeof(balances_result) : sizeof(result_record); }
};
using operation_ptr = std::shared_ptr<operation>;

/// A frame that was sent and waits for its reply.
struct sent_frame {
  std::vector<std::byte> bytes;
  std::vector<operation_ptr> operations;
  std::uint32_t events = 0;
  clock::time_point sent_at;
};

}  // namespace payloom::client
