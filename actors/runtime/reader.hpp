#pragma once
// The reader actor: answers what shards ask of index and journal (effect `loads`, event `loaded`). It blocks on files,
// so it has a thread of its own; the shards never wait for it.
#include "actors/runtime/reader_functions.hpp"
#include "actors/runtime/wiring.hpp"

namespace payloom::actors {

class reader : public reader_actor::base {
 public:
  reader(caf::actor_config& config, wiring& w, reader_functions functions);
  behavior_type make_behavior() override;
  const char* name() const override { return "reader"; }

 private:
  void work(reader_mail& mail);

  wiring& wiring_;
  reader_functions functions_;
};

}  // namespace payloom::actors
