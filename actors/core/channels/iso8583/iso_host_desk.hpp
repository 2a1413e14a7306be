#pragma once
// The other side of the lines, for trying things out: a host that answers sign-on, echo, requests and reversals. What
// it has really done stands in an outside_book. Pure: connections, bytes and the time in, bytes out. One thread.
#include <array>
#include <cstdint>
#include <queue>
#include <span>
#include <string_view>
#include <vector>

#include "actors/core/channels/iso8583/iso_framer.hpp"
#include "actors/core/channels/iso8583/iso_message.hpp"
#include "actors/core/channels/iso8583/iso_stamp.hpp"
#include "actors/core/channels/outside/outside_book.hpp"

namespace payloom::core {

/// How the host's lines misbehave; how attempts end stands in the book's settings. Shares are of 100,000 messages, each
/// message draws by itself, so a repeat has another chance.
struct iso_host_settings {
  std::uint64_t seed = 1;
  std::uint32_t dropped_before = 0;    ///< the line is cut, the message was not taken
  std::uint32_t dropped_after = 0;     ///< the message was taken, the line is cut
  std::uint32_t reversals_silent = 0;  ///< a reversal is done, and not answered
  std::uint32_t echoes_silent = 0;
  std::uint32_t connections_max = 64;   ///< more are refused
  std::uint32_t waiting_max = 1 << 20;  ///< answers that are not due yet; more are never told
  std::uint32_t output_max = 4 << 20;   ///< bytes that a connection does not read; above it the line is cut
  /// What is wrong with them, empty: nothing.
  std::string_view problem() const;
};

struct iso_host_counters {
  std::uint64_t requests = 0;
  std::uint64_t reversals = 0;
  std::uint64_t repeated_reversals = 0;  ///< 0421
  std::uint64_t network_messages = 0;
  std::uint64_t answers = 0;
  std::uint64_t lines_cut = 0;
  std::uint64_t answers_lost = 0;  ///< no line to tell them on, or too many waited
  std::uint64_t bad_messages = 0;
};

class iso_host_desk {
 public:
  using connection = std::uint32_t;
  static constexpr connection none = 0xffffffff;

  /// `settings` must have no problem; `book` must outlive this and belongs to the same thread.
  iso_host_desk(const iso_host_settings& settings, outside_book& book);

  /// A number for a new connection; none: there are too many.
  connection opened();
  void closed(connection c);
  void received(connection c, std::span<const char> bytes, time_ns now);
  /// Answers that are due by `now`.
  void tick(time_ns now);
  /// When `tick` has something, 0: not before the next message.
  time_ns next_at() const { return due_.empty() ? 0 : due_.top().at; }

  /// Connections that have output or must be closed, each once, into the empty `out`.
  void take_changed(std::vector<connection>& out);
  /// Bytes for a connection, into the empty `out`. False: there are none.
  bool take_output(connection c, std::vector<char>& out);
  bool must_close(connection c) const { return lines_[c].cut; }
  const iso_host_counters& counters() const { return counters_; }

 private:
  struct line {
    iso_framer framer;
    std::vector<char> out;
    std::array<char, 8> terminal{};
    std::uint64_t generation = 0;  ///< of the number: an answer for an older one is not for this connection
    bool open = false;
    bool signed_on = false;
    bool cut = false;
    bool changed = false;
  };
  struct answer {
    u128 attempt_id = 0;
    u128 channel_txn = 0;  ///< 0: none is told
    std::uint64_t amount = 0;
    std::uint64_t generation = 0;
    connection to = none;
    std::uint32_t stan = 0;
    std::uint32_t processing = 0;
    std::uint16_t type = 0;
    std::uint16_t currency = 0;
    iso_reference reference{};
    std::array<char, 8> terminal{};
    std::array<char, 2> code{};
    bool is_news = false;  ///< of a callback: only while the book still means it
    outside_callback news;
  };
  struct due {
    time_ns at;
    std::uint64_t number;  ///< of equal times the older first
    std::uint32_t place;
    friend bool operator>(const due& a, const due& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };

  void take_message(connection c, std::span<const char> bytes);
  void take_network(connection c, const iso_message& m);
  void take_request(connection c, const iso_message& m);
  void take_reversal(connection c, const iso_message& m);
  answer answer_to(connection c, const iso_message& m, std::uint16_t type) const;
  void tell(answer a, std::string_view code, std::uint64_t delay_ns);
  void write(const answer& a);
  connection line_for(const answer& a) const;
  bool draw(std::uint32_t share);
  void cut(connection c);
  void changed(connection c);

  const iso_host_settings settings_;
  outside_book& book_;
  std::vector<line> lines_;
  std::vector<connection> changed_;
  std::vector<answer> answers_;  ///< a pool
  std::vector<std::uint32_t> free_;
  std::priority_queue<due, std::vector<due>, std::greater<>> due_;
  std::uint64_t next_number_ = 0;
  std::uint64_t messages_ = 0;  ///< drawn by
  std::uint64_t generations_ = 0;
  time_ns now_ = 1;  ///< the newest time seen: a clock that goes back stands still here
  iso_stamp stamp_;
  iso_host_counters counters_;
};

}  // namespace payloom::core
