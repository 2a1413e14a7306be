#pragma once
// The actors' side of an I/O thread: turns decoded frames into mails for order and account shards (one mail per shard
// and round), runs small rounds inline, and sends queries elsewhere. One per I/O thread; only that thread uses it.
#include <functional>
#include <memory>
#include <vector>

#include "actors/runtime/io_unit.hpp"
#include "actors/runtime/wiring.hpp"
#include "protocol/net/ports.hpp"

namespace payloom::actors {

class frame_router : public net::request_sink {
 public:
  struct options {
    std::uint32_t inline_events = 512;  ///< rounds up to this many events run on the I/O thread
    std::size_t throughput = 64;
  };
  /// `other` takes frames that are no ledger command (queries, stats, verify).
  frame_router(caf::actor_system& system, wiring& w, options o, std::function<void(command_frame&)> other);

  void submit(std::span<command_frame* const> frames) override;
  bool idle() override { return false; }

 private:
  void route(command_frame& f);
  void route_transfers(command_frame& f);
  void route_orders(command_frame& f);
  void send_mails(bool run_inline);

  wiring& wiring_;
  options options_;
  std::function<void(command_frame&)> other_;
  io_unit unit_;
  std::vector<order_mail_ptr> orders_;
  std::vector<account_mail_ptr> accounts_;
};

}  // namespace payloom::actors
