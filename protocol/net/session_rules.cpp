#include "protocol/net/session_rules.hpp"

#include <algorithm>

#include "protocol/types/command_frame.hpp"

namespace payloom::net {

session_charge charge_of(const frame_header& header, const wire::frame_type_info& info) noexcept {
  constexpr std::uint64_t fixed = 512;  // the frame object, its list entries, the reply header
  const std::uint64_t reply_record = wire::reply_record_bytes(info, header.flags);
  std::uint64_t reply = header.record_count * reply_record;
  if (info.family == wire::frame_family::command)
    reply += header.record_count * sizeof(event_notes);
  else if (info.type == frame_type::acknowledge)
    reply = info.reply_record_bytes;  // many of them may be in flight
  else if (info.record_bytes != sizeof(id_record))
    reply = wire::reply_bytes_max;  // lists and reports: their length is known when they are made
  return {std::max(header.record_count, 1u), fixed + header.length + reply};
}

time_ns deadline_of(const frame_header& header, time_ns now, std::uint32_t default_timeout_ms) noexcept {
  const std::uint32_t timeout_ms = header.timeout_ms == 0 ? default_timeout_ms : header.timeout_ms;
  return timeout_ms == ~0u ? ~time_ns{0} : now + time_ns{timeout_ms} * 1'000'000;
}

welcome_body make_welcome(const server_options& options, std::uint16_t version, std::uint32_t features, time_ns now,
                          commit_seq durable) noexcept {
  welcome_body body{};
  body.version = version;
  body.features = features;
  body.frame_bytes_max = limits::frame_bytes_max;
  body.frame_events_max = limits::frame_events_max;
  body.credit_requests = options.session_requests;
  body.credit_events = options.session_events;
  body.idle_timeout_ms = options.idle_timeout_ms;
  body.shadow = options.shadow ? 1 : 0;
  body.cluster = options.cluster;
  body.server_instance = options.server_instance;
  body.server_time = now;
  body.sequence = durable;
  options.build.copy(body.build, sizeof body.build - 1);
  return body;
}

}  // namespace payloom::net
