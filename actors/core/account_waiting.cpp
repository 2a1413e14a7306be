// Waiting at accounts: what fails merely because of work in flight waits behind it, oldest first (RULES.md, "Times").
#include <algorithm>

#include "actors/core/account_book.hpp"

namespace payloom::core {

namespace am = account_marks;

/// Older work waits here. Others may pass only when nothing exclusive is near and they take nothing scarce.
bool account_book::newcomer_waits(const account_entity& e, bool limited_side) const {
  if (e.marks & am::exclusive) return true;
  if ((e.marks & am::waiters) == 0) return false;
  if (limited_side) return true;
  const auto row = table_.find(mix_id(e.tenant, e.id.value), e.tenant, e.id.value);
  const auto& queue = waiting_.at(row);
  return std::any_of(queue.begin(), queue.end(), [](const waiter& w) {
    return w.what == waiter::kind::change || (w.whole != nullptr && w.whole->exclusive);
  });
}

void account_book::park(std::uint32_t row, waiter w, account_effects& out) {
  if (w.what == waiter::kind::transfer && w.whole != nullptr) w.what = waiter::kind::whole_case;
  auto& queue = waiting_[row];
  if (waking_row_ == row) {
    queue.push_front(w);
    parked_again_ = true;
  } else if (queue.size() >= options_.waiters_max) {
    give_up(w, result_code::busy, out);
    return;
  } else {
    queue.push_back(w);
  }
  ++parked_;
  table_.at(row).marks |= am::waiters;
}

void account_book::wake_touched(account_effects& out) {
  while (!touched_.empty()) {
    const std::uint32_t row = touched_.back();
    touched_.pop_back();
    if (table_.at(row).marks & am::waiters) wake(row, out);
  }
}

void account_book::wake(std::uint32_t row, account_effects& out) {
  PAYLOOM_ASSERT(waking_row_ == no_slot);
  while (true) {
    auto it = waiting_.find(row);
    if (it == waiting_.end() || it->second.empty()) break;
    waiter w = it->second.front();
    it->second.pop_front();
    --parked_;
    waking_row_ = row;
    parked_again_ = false;
    try_again(w, out);
    waking_row_ = no_slot;
    if (parked_again_) return;
  }
  waiting_.erase(row);
  table_.at(row).marks &= static_cast<std::uint16_t>(~am::waiters);
}

void account_book::try_again(waiter& w, account_effects& out) {
  switch (w.what) {
    case waiter::kind::transfer: {
      const transfer_record& t = w.slip.transfer();
      const tenant_id tenant = w.slip.frame->header.tenant;
      visit_slip(w.slip, mix_id(tenant, t.debit_account.value), mix_id(tenant, t.credit_account.value), out);
      return;
    }
    case waiter::kind::create:
      visit_creation(w.slip, out);
      return;
    case waiter::kind::change:
      visit_change(w.slip, out);
      return;
    case waiter::kind::whole_case:
      visit_case(*w.whole, out);
      return;
  }
}

void account_book::give_up(waiter& w, result_code code, account_effects& out) {
  if (w.what == waiter::kind::whole_case) {
    w.whole->culprit = no_slot;
    w.whole->refuse(0, code, applied_);
    conclude_case(*w.whole, out);
    return;
  }
  w.slip.code = code;
  w.slip.result().sequence = applied_;
  if (w.what == waiter::kind::create) {
    w.slip.result().code = code;
    finish_results(*w.slip.frame, 1, out);
  } else if (w.what == waiter::kind::change) {
    end_without_record(w.slip, out);
  } else {
    release_claims(w.slip, out);
    end_without_record(w.slip, out);
  }
}

void account_book::tick(time_ns now, account_effects& out, std::uint64_t patience) {
  for (auto& [row, note] : creating_)
    if (claim_age::too_old(note, now, patience)) out.overdue = {table_.at(row).tenant, table_.at(row).id.value, true};
  if (parked_ == 0) return;
  std::vector<std::uint32_t> rows;
  for (auto& [row, queue] : waiting_) {
    const bool late = std::any_of(queue.begin(), queue.end(), [now](const waiter& w) {
      return (w.whole != nullptr ? w.whole->frame : w.slip.frame)->deadline_at <= now;
    });
    if (late) rows.push_back(row);
  }
  for (const std::uint32_t row : rows) {
    std::deque<waiter> keep;
    std::deque<waiter> all = std::move(waiting_[row]);
    waiting_[row].clear();
    for (waiter& w : all) {
      if ((w.whole != nullptr ? w.whole->frame : w.slip.frame)->deadline_at <= now) {
        --parked_;
        give_up(w, result_code::deadline_exceeded, out);
      } else {
        keep.push_back(w);
      }
    }
    waiting_[row] = std::move(keep);
    wake(row, out);  // those behind may go on, and the mark is cleared when nobody is left
  }
  wake_touched(out);
}

}  // namespace payloom::core
