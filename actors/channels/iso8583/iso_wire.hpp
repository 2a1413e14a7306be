#pragma once
// A channel's lines: the channel_wire of the gateway over ISO 8583.
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "actors/channels/channel_wire.hpp"
#include "actors/channels/iso8583/iso_connection.hpp"

namespace payloom::actors {

struct iso_wire_settings {
  iso_connection_settings connection;
  core::iso_settings line;                    ///< its terminal is the beginning of the lines' own: two digits follow
  std::uint32_t lines = 1;                    ///< 1 to 64; every bound of `line` is each one's
  std::uint32_t drain_ms = 2'000;             ///< `stop` waits so long for what is in flight
  std::uint32_t calls_waiting_max = 1 << 20;  ///< calls on their way to the wire's thread; above it not_sent
  /// What is wrong with them, empty: nothing.
  std::string_view problem() const;
};

/// The answer of the gateway's own when calls_waiting_max is reached.
inline constexpr std::uint16_t wire_full = 920;

class iso_wire final : public channel_wire, public std::enable_shared_from_this<iso_wire> {
 public:
  /// Connects at once. One thread runs `context`, and longer than until `stop` returns; `context` outlives the wire.
  /// `tell` is called on that thread. `settings` must have no problem. `now`: the wall clock, any thread.
  static std::shared_ptr<iso_wire> make(asio::io_context& context, const iso_wire_settings& settings,
                                        core::iso_codes codes, std::function<time_ns()> now, tell_answers tell);
  /// `stop` must have returned.
  ~iso_wire() override;

  void call(std::vector<core::channel_call> calls) override;
  /// Signs off when all that is in flight has ended, at the latest after drain_ms. A second call does nothing.
  void stop() override;
  wire_counters counters() const override;

  /// Of one line's link, for alerts and tests; as they stood at the end of the wire's last turn. Any thread.
  core::iso_counters line_counters() const;

 private:
  iso_wire(asio::io_context& context, const iso_wire_settings& settings, core::iso_codes codes,
           std::function<time_ns()> now, tell_answers tell);
  void take_calls();
  void collect();
  void end();
  core::iso_counters sum() const;

  static constexpr std::size_t answers_per_turn = 4096;

  asio::io_context& context_;
  const iso_wire_settings settings_;
  const core::iso_codes codes_;
  const std::function<time_ns()> now_;
  const tell_answers tell_;

  // The wire's thread alone.
  std::vector<std::shared_ptr<iso_connection>> lines_;
  std::vector<core::channel_call> calls_;
  std::vector<core::channel_answer> answers_;
  std::vector<bool> touched_;
  asio::steady_timer drain_;
  bool stopping_ = false;
  bool collecting_ = false;
  bool ended_ = false;
  std::promise<void> over_;

  mutable std::mutex mutex_;  // guards all below
  std::vector<core::channel_call> inbox_;
  std::vector<core::channel_answer> refused_;
  core::iso_counters published_;
  std::uint64_t refused_count_ = 0;
  std::uint64_t connects_ = 0, up_ = 0;
  bool stop_asked_ = false;
};

}  // namespace payloom::actors
