#pragma once
// Sends many records in full frames over one blocking connection, a few frames in flight, and hands each reply out
// with the index of its first record.
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/types/records.hpp"

namespace payloom::client {

/// The most frames `for_each_frame` keeps in flight unless told otherwise.
inline constexpr std::size_t bulk_window = 4;

/// Makes records 0 .. total-1 with `make(index)`, sends them in frames of at most `per_frame`, and calls
/// `take(first, count, reply)` for each reply. Frames overtake each other; `window_max` 1 keeps the order. Throws
/// connection_lost; `take` may throw to give up.
template <class Record, class Make, class Take>
void for_each_frame(blocking_connection& to, frame_type type, std::uint64_t total, std::uint32_t per_frame, Make&& make,
                    Take&& take, std::size_t window_max = bulk_window) {
  struct part {
    std::uint64_t first;
    std::uint32_t count;
  };
  const welcome_body& granted = to.welcome();
  per_frame = std::max<std::uint32_t>(1, std::min({per_frame, granted.frame_events_max, granted.credit_events}));
  const std::size_t window = std::clamp<std::size_t>(
      std::min<std::size_t>(granted.credit_requests, granted.credit_events / per_frame), 1, window_max);
  std::map<std::uint64_t, part> in_flight;
  std::vector<Record> records;
  std::uint64_t next = 0;
  while (next < total || !in_flight.empty()) {
    while (next < total && in_flight.size() < window) {
      const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(per_frame, total - next));
      records.clear();
      for (std::uint32_t i = 0; i < count; ++i) records.push_back(make(next + i));
      in_flight[to.send(type, std::as_bytes(std::span{records}), count)] = {next, count};
      next += count;
    }
    const reply answer = to.receive();
    const auto found = in_flight.find(answer.header.request);
    if (found == in_flight.end()) {
      if (answer.header.type == static_cast<std::uint16_t>(frame_type::error)) {
        throw connection_lost("refused by the server: " + std::string(name_of(answer.header.code)));
      }
      continue;
    }
    const part p = found->second;
    in_flight.erase(found);
    take(p.first, p.count, answer);
  }
}

/// A read-only walk over query rows that answer a look-up: rows come in the order of the ids asked for; an id without
/// a row either has none or one whose id is zero. `id_of(row)` says a row's id. Calls `seen(index, row or nullptr)`.
template <class Row, class IdAt, class IdOf, class Seen>
void match_rows(std::span<const Row> rows, std::uint32_t count, IdAt&& id_at, IdOf&& id_of, Seen&& seen) {
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    while (at < rows.size() && id_of(rows[at]) == 0) ++at;
    if (at < rows.size() && id_of(rows[at]) == id_at(i)) {
      seen(i, &rows[at++]);
    } else {
      seen(i, static_cast<const Row*>(nullptr));
    }
  }
}

}  // namespace payloom::client
