#include "tests/hot/hot_load.hpp"

#include <algorithm>
#include <span>

#include "tests/hot/hot_world.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/pacer.hpp"

namespace payloom::hot {
namespace {

constexpr std::uint64_t debit_percent = 30;
constexpr std::int64_t credit_max = 20;  ///< 0.7 x 10.5 in against 0.3 x 30.5 out
constexpr std::int64_t debit_max = 60;

}  // namespace

hot_load::hot_load(settings how) : how_(std::move(how)), engine_(how_.seed), ids_(engine_()) {}

void hot_load::run(const std::atomic<bool>& stop) {
  try {
    client::blocking_connection to = support::connect(how_.address);
    const support::pacer pace(how_.events_per_second);
    while (!stop || !in_flight_.empty()) {
      while (!stop && in_flight_.size() < how_.window) send_frame(to);
      if (!in_flight_.empty()) take(to.receive());
      if (!stop) pace.keep(events_);
    }
  } catch (const std::exception& e) {
    failed = e.what();
  }
}

void hot_load::send_frame(client::blocking_connection& to) {
  const auto below = [&](std::uint64_t n) { return engine_() % n; };
  // Small and large ones: single events, and whole frames that keep the account claimed for long.
  const std::uint64_t bound = below(2) == 0 ? how_.batch_max : std::max<std::uint64_t>(1, how_.batch_max / 64);
  const auto count = static_cast<std::uint32_t>(1 + below(bound));
  std::vector<transfer_record> records(count);
  std::vector<outcome> wanted(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool debit = below(100) < debit_percent;
    const auto amount = static_cast<std::int64_t>(1 + below(debit ? debit_max : credit_max));
    wanted[i] = {0, debit ? -amount : amount, static_cast<std::uint32_t>(below(others)), result_code::ok};
    transfer_record& t = records[i];
    t.id = ids_.transfer();
    t.debit_account = debit ? hot_account : other_account(wanted[i].other);
    t.credit_account = debit ? other_account(wanted[i].other) : hot_account;
    t.amount_minor = static_cast<std::uint64_t>(amount);
    t.ledger = ledger;
    t.code = 1;
  }
  const std::uint64_t request = to.send(frame_type::create_transfers, std::as_bytes(std::span{records}), count);
  in_flight_[request] = std::move(wanted);
  events_ += count;
}

void hot_load::take(const client::reply& reply) {
  const auto found = in_flight_.find(reply.header.request);
  if (found == in_flight_.end()) return;  // goaway
  std::vector<outcome> wanted = std::move(found->second);
  in_flight_.erase(found);
  const auto results = reply.rows<result_record>();
  if (reply.code() == result_code::ok && results.size() != wanted.size())
    throw client::connection_lost("a reply with too few results");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    wanted[i].code = reply.code() == result_code::ok ? results[i].code : reply.code();
    wanted[i].sequence = reply.code() == result_code::ok ? results[i].sequence : 0;
  }
  outcomes.insert(outcomes.end(), wanted.begin(), wanted.end());
}

}  // namespace payloom::hot
