#pragma once
// The writer's flow with ports that keep what it sends, and slips as account shards decide them. Tests only.
#include "actors/journal/writer_flow.hpp"
#include "tests/sim/sim_frame.hpp"
#include "tests/support/rule_table.hpp"

namespace payloom::actors {

using core::plain_slip;
using sim::audit_request, sim::raw_record, sim::sim_frame;
using storage::append_status;
inline constexpr time_ns now_ns = 1'700'000'000'000'000'000u;

template <class Record>
std::unique_ptr<sim_frame> frame_of(frame_type type, std::vector<Record> records, bool balances = false) {
  audit_request q{type, 0, {}};
  for (const Record& r : records) q.records.emplace_back(r);
  return std::make_unique<sim_frame>(q, now_ns, ~time_ns{0}, balances);
}
inline std::unique_ptr<sim_frame> transfers(std::vector<transfer_record> records, bool balances = false) {
  return frame_of(frame_type::create_transfers, std::move(records), balances);
}
/// As an account shard decides it: claims at row 0 (debit) and row 1 (credit), the id in slot `i`.
inline plain_slip decided(sim_frame& f, std::uint32_t i = 0) {
  plain_slip s;
  s.frame = &f;
  s.index_and_marks = static_cast<std::uint16_t>(i);
  s.id_slot = i;
  s.debit_row = 0;
  s.credit_row = 1;
  return s;
}

struct kept_ports : writer_ports {
  time_ns now() const override { return now_ns; }
  append_status append_here(std::span<std::byte> group) override {
    if (!space) return append_status::no_space;
    bases.push_back(reinterpret_cast<const storage::group_header*>(group.data())->base_sequence);
    return append_status::ok;
  }
  void append_elsewhere(std::span<std::byte> group) override {
    elsewhere = group;
    told_before.push_back(orders.size());
  }
  append_status mark_idle() override { return append_status::ok; }
  bool has_space() const override { return space; }
  void to_account(shard_index, account_mail_ptr mail) override { accounts.push_back(std::move(mail)); }
  void to_order(shard_index, order_mail_ptr mail) override { orders.push_back(std::move(mail)); }
  void applied(const std::shared_ptr<open_group>&) override {}
  void full(bool is_full) override { changes.push_back(is_full); }

  bool space = true;
  std::span<std::byte> elsewhere;
  std::vector<std::size_t> told_before;  ///< mails to order shards before each append_elsewhere
  std::vector<account_mail_ptr> accounts;
  std::vector<order_mail_ptr> orders;
  std::vector<commit_seq> bases;
  std::vector<bool> changes;
};

struct one_writer {
  explicit one_writer(std::size_t inline_bytes = 1u << 20)
      : flow(places, ports, {.next_sequence = 10, .last_time = now_ns - 1}, {.inline_bytes = inline_bytes}) {}
  const core::topology places{1, 1};
  kept_ports ports;
  writer_flow flow;

  void give(core::slip_vector slips) {
    writer_mail mail;
    mail.slips = std::move(slips);
    flow.take(mail);
    flow.pump();
  }
};

}  // namespace payloom::actors
