// Goal: CPU per transfer of the pure core and the journal desk, on one thread, without CAF, disk or network.
// Method: frames of 8,190 transfers through order books, account books, desk, apply and durable, as the shells do it;
// prints ns per transfer for each stage. usage: core_bench [ACCOUNTS] [FRAMES] [ORDER_SHARDS] [ACCOUNT_SHARDS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"
#include "actors/journal/journal_desk.hpp"

using namespace payloom;

namespace {

std::uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(t.tv_nsec);
}
std::uint64_t next_random(std::uint64_t& s) {
  std::uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

struct drop_port : reply_port {
  void complete(command_frame&) override {}
};

struct stage_times {
  std::uint64_t route = 0, intake = 0, accounts = 0, desk = 0, apply = 0, durable = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, std::uint32_t otherwise) {
    return argc > i ? static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)) : otherwise;
  };
  const std::uint32_t accounts = argument(1, 10'000), frames = argument(2, 400);
  const core::topology topology(argument(3, 2), argument(4, 2));
  std::vector<std::unique_ptr<core::order_book>> orders;
  std::vector<std::unique_ptr<core::account_book>> books;
  for (shard_index s = 0; s < topology.order_shards(); ++s) {
    core::order_book::options o;
    o.shard = s;
    orders.push_back(std::make_unique<core::order_book>(topology, o));
  }
  for (shard_index s = 0; s < topology.account_shards(); ++s) {
    core::account_book::options o;
    o.shard = s;
    books.push_back(std::make_unique<core::account_book>(topology, o, [](ledger_id) { return true; }));
  }
  for (std::uint32_t a = 1; a <= accounts; ++a) {
    account_row row{};
    row.id.value = a;
    row.ledger = 978;
    row.flags = account_flags::debits_must_not_exceed_credits;
    row.counters.credits_posted = u128{1} << 60;
    books[topology.account_shard(mix_id(0, a), 0, a)]->restore(row, 0);
  }
  core::order_effects oe(topology);
  core::account_effects ae(topology);
  actors::journal_desk desk(topology, 1, 0, false);
  actors::open_group group(topology);
  drop_port port;
  command_frame f;
  constexpr std::uint32_t n = limits::frame_events_max;
  constexpr commit_seq follower_lag = 200'000;  // events, about a tenth of a second
  auto* records = static_cast<transfer_record*>(std::aligned_alloc(64, n * sizeof(transfer_record)));
  std::vector<result_record> results(n);
  f.header.type = static_cast<std::uint16_t>(frame_type::create_transfers);
  f.count = n;
  f.records = reinterpret_cast<std::byte*>(records);
  f.results = reinterpret_cast<std::byte*>(results.data());
  f.deadline_at = ~time_ns{0};
  f.port = &port;
  stage_times t;
  std::uint64_t seed = 7;
  std::uint64_t finished = 0;
  for (std::uint32_t r = 0; r < frames; ++r) {
    for (std::uint32_t i = 0; i < n; ++i) {
      transfer_record& x = records[i];
      x = {};
      x.id.value = make_u128(next_random(seed), next_random(seed));
      const auto d = 1 + next_random(seed) % accounts;
      x.debit_account.value = d;
      x.credit_account.value = d % accounts + 1;
      x.credit_account.value = 1 + next_random(seed) % accounts;
      if (x.credit_account.value == d) x.credit_account.value = d % accounts + 1;
      x.amount_minor = 1 + next_random(seed) % 100;
      x.ledger = 978;
      x.code = 1;
    }
    f.remaining.store(n);
    std::uint64_t at = now_ns();
    const auto lap = [&at](std::uint64_t& into) {
      const std::uint64_t now = now_ns();
      into += now - at;
      at = now;
    };
    std::vector<core::slip_vector> per_order(topology.order_shards());
    for (std::uint32_t i = 0; i < n; ++i) {
      core::plain_slip s;
      s.frame = &f;
      s.index_and_marks = static_cast<std::uint16_t>(i);
      const std::uint64_t mix = mix_id(0, records[i].id.value);
      s.set_mix(mix);
      per_order[topology.order_shard(mix)].push_back(s);
    }
    lap(t.route);
    for (std::size_t s = 0; s < orders.size(); ++s) orders[s]->intake(per_order[s], 1, oe);
    lap(t.intake);
    for (bool more = true; more;) {
      more = false;
      for (std::size_t s = 0; s < books.size(); ++s) {
        core::slip_vector in;
        in.swap(oe.to_account[s]);
        books[s]->step(in, ae);
        in.clear();
        in.swap(ae.to_account[s]);
        if (in.empty()) continue;
        more = true;
        books[s]->step(in, ae);
      }
    }
    for (std::size_t s = 0; s < books.size(); ++s) {
      core::slip_vector in;
      in.swap(ae.to_account[s]);
      books[s]->step(in, ae);
    }
    lap(t.accounts);
    desk.reset(group);
    desk.add(std::move(ae.to_writer));
    ae.to_writer = {};
    desk.fill(group);
    desk.close(group, 1);
    lap(t.desk);
    auto& after = group.after;
    for (std::size_t s = 0; s < books.size(); ++s)
      books[s]->apply(after.apply[s], after.balances[s], after.through, ae);
    lap(t.apply);
    for (std::size_t s = 0; s < orders.size(); ++s)
      orders[s]->durable(after.durable[s], after.base_seq, after.base_time, oe);
    finished += oe.finished.size();
    oe.finished.clear();
    for (auto& o : orders) o->set_readable(after.through > follower_lag ? after.through - follower_lag : 0);
    lap(t.durable);
  }
  const double events = static_cast<double>(frames) * n;
  const auto per = [events](std::uint64_t v) { return static_cast<double>(v) / events; };
  std::printf("accounts %u frames %u finished %llu\n", accounts, frames, static_cast<unsigned long long>(finished));
  std::printf("ns per transfer: route %.1f intake %.1f accounts %.1f desk %.1f apply %.1f durable %.1f total %.1f\n",
              per(t.route), per(t.intake), per(t.accounts), per(t.desk), per(t.apply), per(t.durable),
              per(t.route + t.intake + t.accounts + t.desk + t.apply + t.durable));
  return finished == frames ? 0 : 1;
}
