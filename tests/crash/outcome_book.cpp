#include "tests/crash/outcome_book.hpp"

#include <algorithm>
#include <utility>

#include "protocol/types/u128_text.hpp"

namespace payloom::crash {

bool nothing_happened(result_code code) {
  const auto n = static_cast<std::uint16_t>(code);
  return (n >= 20 && n <= 24) || code == result_code::linked_event_failed;
}

bool leaves_nothing(frame_type type, result_code code) {
  if (nothing_happened(code) || code == result_code::order_unchanged) return true;
  // A creation that is refused whole leaves its business id free.
  return type == frame_type::create_orders && code != result_code::ok && is_remembered(code);
}

std::string describe_event(const load_frame& frame, std::uint32_t i, const result_record& result) {
  std::string text = "type " + std::to_string(static_cast<int>(frame.type)) + " id " + to_hex(frame.id(i));
  if (frame.type == frame_type::create_transfers) {
    const auto t = frame.record<transfer_record>(i);
    text += " flags " + std::to_string(t.flags) + " amount " + to_decimal(t.amount_minor) + " target " +
            to_hex(t.target_id.value) + (t.timeout_s != 0 ? " timed" : "");
  }
  if (frame.type == frame_type::change_accounts) {
    const auto c = frame.record<account_change_record>(i);
    text += " kind " + std::to_string(static_cast<int>(c.kind)) + " flags " + std::to_string(c.flags) + " account " +
            to_hex(c.account.value);
  }
  if (frame.type == frame_type::create_orders) {
    const auto o = frame.record<order_record>(i);
    text += " product " + std::to_string(o.product) + " flags " + std::to_string(o.flags) + " amount " +
            to_decimal(o.amount_minor);
  }
  if (frame.type == frame_type::act_on_orders) {
    const auto a = frame.record<order_action_record>(i);
    text += " action " + std::to_string(static_cast<int>(a.action)) + " amount " + to_decimal(a.amount_minor) +
            " order " + to_hex(a.order.value) + " expects version " + std::to_string(a.expected_version);
  }
  return text + ": " + std::string(name_of(result.code)) + " sequence " + std::to_string(result.sequence) + " time " +
         std::to_string(result.timestamp) + ((result.flags & result_flags::replayed) != 0 ? " replayed" : "");
}

bool outcome_book::note(const load_frame& frame, std::uint32_t i, const result_record& result) {
  const bool opens_account = frame.type == frame_type::create_accounts;
  const bool replayed = (result.flags & result_flags::replayed) != 0;
  outcome now{result.sequence, result.timestamp, result.code, fate::executed, !replayed};
  if (result.code == result_code::id_sealed) {
    if (frame.type != frame_type::seal_transfers) return false;  // says that it is sealed, not when
    now.what = fate::sealed;
  } else if (opens_account && result.code == result_code::account_exists) {
    now.code = result_code::ok;
  } else if (result.code != result_code::ok) {
    if (!is_remembered(result.code) || leaves_nothing(frame.type, result.code)) return false;
    now.what = fate::refused;
  }
  if (now.what == fate::executed) newest_ = std::max(newest_, now.sequence);
  table& known = opens_account ? accounts_ : commands_;
  if (frame.type == frame_type::seal_transfers && now.what != fate::sealed) {
    // Tells what the id became, but not its content: the books wait for the transfer's own result.
    const auto old = known.find(frame.id(i));
    if (old != known.end()) compare(old->second, now, true, describe_event(frame, i, result));
    return false;
  }
  const auto [at, fresh] = known.try_emplace(frame.id(i), now);
  if (!fresh) {
    compare(at->second, now, replayed, describe_event(frame, i, result));
    at->second.first_seen = at->second.first_seen || !replayed;
    return false;
  }
  executed_ += now.what == fate::executed;
  return now.what == fate::executed;
}

void outcome_book::compare(const outcome& known, const outcome& now, bool replayed, const std::string& who) {
  const std::string before = "; known: " + std::string(name_of(known.code)) + " sequence " +
                             std::to_string(known.sequence) + " time " + std::to_string(known.timestamp);
  if (known.what != now.what) {
    const bool was_done = known.what == fate::executed;
    return verdict_.problem(was_done ? verdict_.lost : verdict_.wrong, "two fates: " + who + before);
  }
  if (now.what == fate::executed && !replayed && known.first_seen) {
    return verdict_.problem(verdict_.duplicated, "executed twice: " + who + before);
  }
  if (known.sequence != now.sequence || known.timestamp != now.timestamp || known.code != now.code) {
    auto& counter = now.what != fate::executed ? verdict_.wrong : replayed ? verdict_.wrong : verdict_.lost;
    verdict_.problem(counter, "another result than before: " + who + before);
  }
}

void outcome_book::check_sequences() {
  std::vector<std::pair<commit_seq, time_ns>> commits;
  for (const table* t : {&commands_, &accounts_}) {
    for (const auto& [id, o] : *t) {
      if (o.what == fate::executed) commits.emplace_back(o.sequence, o.timestamp);
    }
  }
  std::sort(commits.begin(), commits.end());
  for (std::size_t i = 1; i < commits.size(); ++i) {
    if (commits[i].first == commits[i - 1].first) {
      verdict_.problem(verdict_.wrong, "two ids were executed at commit " + std::to_string(commits[i].first));
    } else if (commits[i].second < commits[i - 1].second) {
      verdict_.problem(verdict_.wrong, "time runs backward at commit " + std::to_string(commits[i].first));
    }
  }
}

}  // namespace payloom::crash
