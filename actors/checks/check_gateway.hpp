#pragma once
// The actor around the desk of the checks: takes questions from the order shards, asks all checks of a payment at the
// same time, and submits what they came to as commands of the server's own. One for all checks: drivers never wait.
#include "actors/core/checks/check_desk.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

class check_gateway : public check_actor::base {
 public:
  check_gateway(caf::actor_config& config, wiring& w);
  behavior_type make_behavior() override;
  const char* name() const override { return "check_gateway"; }

 private:
  void work(check_mail& mail);
  void count();

  wiring& wiring_;
  core::check_desk desk_;
  core::check_facts facts_;
};

}  // namespace payloom::actors
