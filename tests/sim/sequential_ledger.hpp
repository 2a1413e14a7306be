#pragma once
// The model as a small ledger of its own: executes frames one after another and makes the journal that a server would.
// It runs the rule table against the model and gives the auditor's tests a true history to damage. Single-threaded.
#include <vector>

#include "tests/sim/ledger_model.hpp"

namespace payloom::sim {

class sequential_ledger {
 public:
  explicit sequential_ledger(audit_options options = {}, time_ns start = 1'700'000'000'000'000'000u)
      : model_(std::move(options)), now_(start) {}

  /// Answers every event of the frame at once; new journal events are added to `journal()`.
  std::vector<result_record> execute(const audit_request& request);
  /// Lets time pass; holds whose time has come expire.
  void advance(time_ns by);

  time_ns now() const { return now_; }
  const std::vector<journal_event>& journal() const { return journal_; }
  const ledger_model& model() const { return model_; }
  std::vector<account_snapshot> snapshot() const;

 private:
  journal_event& append(tenant_id t, journal_kind kind, const raw_record& record);
  result_record answer(const audit_request& q, std::uint32_t i, std::uint32_t unit_first, std::uint32_t unit_size,
                       bool executed, const verdict& v);

  ledger_model model_;
  time_ns now_;
  std::vector<journal_event> journal_;
};

}  // namespace payloom::sim
