#pragma once
// A load that is the same for the same seed, frame by frame: W1 in full frames, and frames of every other command. Two
// phases: whatever refers to another event (captures, reversals) refers to one of an earlier phase. Values.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "actors/app/bench/workload.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/records.hpp"

namespace payloom::e2e {

struct seeded_frame {
  frame_type type;
  std::uint32_t count;
  std::vector<std::byte> bytes;
};

class seeded_load {
 public:
  static constexpr std::uint64_t accounts = 1000;
  static constexpr std::uint64_t poor = 50;  ///< accounts that have nothing: with a limit, for refusals

  seeded_load(std::uint64_t seed, std::uint32_t full_frames) : load_(seed, accounts, 0), engine_(seed), ids_(seed) {
    phases.resize(3);
    open_accounts();
    for (std::uint32_t i = 0; i < full_frames; ++i) {
      std::vector<transfer_record> w1;
      for (std::uint32_t k = 0; k < limits::frame_events_max; ++k) w1.push_back(numbered(next_++));
      add(phases[1], frame_type::create_transfers, w1);
      if (i % 2 == 0) add_others();
    }
  }

  /// Phase 0 opens and funds the accounts; its frames are meant in this order.
  std::vector<std::vector<seeded_frame>> phases;

 private:
  template <class Record>
  static void add(std::vector<seeded_frame>& to, frame_type type, const std::vector<Record>& records) {
    const auto bytes = std::as_bytes(std::span{records});
    to.push_back({type, static_cast<std::uint32_t>(records.size()), {bytes.begin(), bytes.end()}});
  }
  void open_accounts() {
    std::vector<account_record> opened;
    std::vector<transfer_record> funded;
    for (std::uint64_t i = 0; i <= accounts + poor; ++i) {
      account_record a{};
      a.id = load_.account(i);
      a.ledger = bench::workload::ledger;
      a.code = bench::workload::code;
      if (i != accounts) a.flags = account_flags::debits_must_not_exceed_credits;
      if (i > accounts) a.overdraft_limit_minor = 10;
      opened.push_back(a);
      if (i < accounts) {
        transfer_record t = between(load_.account(accounts), load_.account(i), bench::workload::funding_amount);
        t.id = load_.funding(i);
        funded.push_back(t);
      }
    }
    add(phases[0], frame_type::create_accounts, opened);
    add(phases[0], frame_type::create_transfers, funded);
  }
  transfer_record numbered(std::uint64_t n) const {
    const bench::movement m = load_.movement_of(n);
    transfer_record t = between(load_.account(m.debit), load_.account(m.credit), m.amount);
    t.id = load_.transfer(n);
    return t;
  }
  static transfer_record between(account_id debit, account_id credit, std::uint64_t amount) {
    transfer_record t{};
    t.debit_account = debit;
    t.credit_account = credit;
    t.amount_minor = amount;
    t.ledger = bench::workload::ledger;
    t.code = bench::workload::code;
    return t;
  }
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }

  /// Holds, chains, refusals, changes, seals and repeats now; captures, voids and reversals in the next phase.
  void add_others() {
    std::vector<transfer_record> now, later;
    const auto target = [&](const transfer_record& what, std::uint16_t flag, u128 amount) {
      transfer_record t{};
      t.id = ids_.transfer();
      t.target_id = what.id;
      t.amount_minor = amount;
      t.flags = flag;
      later.push_back(t);
    };
    for (std::uint32_t i = 0; i < 300; ++i) {
      transfer_record t = numbered(next_++);
      if (i % 3 == 0) {
        t.flags = transfer_flags::hold;
        if (below(2) == 0) {
          target(t, transfer_flags::capture, 1);
        } else {
          target(t, transfer_flags::void_hold, 0);
        }
      } else if (i % 3 == 1) {
        target(t, transfer_flags::reversal, u128_max);
      }
      now.push_back(t);
    }
    for (std::uint32_t i = 0; i < 50; ++i) {  // chains of three; every fifth fails
      for (std::uint32_t k = 0; k < 3; ++k) {
        transfer_record t = numbered(next_++);
        if (k < 2) t.flags = transfer_flags::linked;
        if (i % 5 == 0 && k == 1) t.debit_account = load_.account(accounts + 1 + below(poor)), t.amount_minor = 1000;
        now.push_back(t);
      }
    }
    for (std::uint32_t i = 0; i < 50; ++i) {  // for lack of funds, whenever it is looked at
      transfer_record t = numbered(next_++);
      t.debit_account = load_.account(accounts + 1 + below(poor));
      t.amount_minor = 11 + below(1000);
      now.push_back(t);
    }
    add(phases[1], frame_type::create_transfers, now);
    add(phases[2], frame_type::create_transfers, later);
    std::vector<account_change_record> changes;
    std::vector<id_record> seals;
    for (std::uint64_t i = 0; i < poor; ++i) {
      account_change_record c{};
      c.id = ids_.transfer();
      c.account = load_.account(accounts + 1 + i);
      c.kind = account_change_kind::set_flags;
      c.flags = account_flags::history;
      changes.push_back(c);
      seals.push_back({ids_.next()});
    }
    add(phases[2], frame_type::change_accounts, changes);
    add(phases[2], frame_type::seal_transfers, seals);
    add(phases[2], frame_type::create_transfers, now);  // all of it again
  }

  bench::workload load_;
  std::mt19937_64 engine_;
  client::id_generator ids_;
  std::uint64_t next_ = 0;
};

}  // namespace payloom::e2e
