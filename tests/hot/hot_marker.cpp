#include "tests/hot/hot_marker.hpp"

#include <nlohmann/json.hpp>
#include <span>
#include <thread>

#include "protocol/types/records.hpp"
#include "tests/hot/hot_world.hpp"
#include "tests/support/connect.hpp"

namespace payloom::hot {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto look_every = std::chrono::milliseconds(5);
constexpr auto move_patience = std::chrono::seconds(30);
constexpr std::uint64_t proof_events = 500;  ///< so many by the home shards and none by the others: it is at home

}  // namespace

hot_marker::hot_marker(settings how) : how_(std::move(how)), ids_(how_.seed) {}

void hot_marker::run(const std::atomic<bool>& stop) {
  try {
    client::blocking_connection to = support::connect(how_.address);
    if (!see_place(to, stop)) return;
    auto next = clock::now();
    for (std::uint32_t i = 0; i < how_.changes && !stop; ++i) {
      std::this_thread::sleep_until(next);
      next = std::max(next + how_.every, clock::now());
      const std::uint64_t before = read(to).moves;
      change(to);
      if (!see_place(to, stop)) return;
      const std::uint64_t moved = read(to).moves - before;
      if (moved != (how_.configured ? 0 : 1))
        problems.push_back("one change moved it " + std::to_string(moved) + " times");
      moves_ += moved;
    }
  } catch (const std::exception& e) {
    problems.push_back(std::string("marking: ") + e.what());
  }
}

void hot_marker::change(client::blocking_connection& to) {
  account_change_record record{};
  record.id = ids_.transfer();
  record.account = hot_account;
  record.kind = how_.marked ? account_change_kind::clear_flags : account_change_kind::set_flags;
  record.flags = account_flags::hot;
  const client::reply reply = to.call(frame_type::change_accounts, std::span<const account_change_record>(&record, 1));
  const auto results = reply.rows<result_record>();
  if (reply.code() != result_code::ok || results.size() != 1 || results[0].code != result_code::ok) {
    const result_code code = results.size() == 1 ? results[0].code : reply.code();
    throw std::runtime_error("the change was answered " + std::string(name_of(code)));
  }
  how_.marked = !how_.marked;
}

bool hot_marker::see_place(client::blocking_connection& to, const std::atomic<bool>& stop) {
  const bool wanted_hot = how_.marked || how_.configured;
  const auto end = clock::now() + move_patience;
  handled from = read(to);
  while (clock::now() < end && !stop) {
    std::this_thread::sleep_for(look_every);
    const handled now = read(to);
    if (wanted_hot && now.hot >= from.hot + proof_events) return true;
    if (!wanted_hot && now.hot != from.hot) from = now;  // not there yet, or the last that was on its way
    if (!wanted_hot && now.home >= from.home + proof_events) return true;
  }
  if (!stop) problems.push_back(wanted_hot ? "it did not go to the hot-account shards" : "it did not come home");
  return false;
}

hot_marker::handled hot_marker::read(client::blocking_connection& from) {
  const auto stats = nlohmann::json::parse(from.call(frame_type::stats, {}, 0).text());
  handled sum;
  sum.moves = stats.at("account_moves").get<std::uint64_t>();
  const auto& shards = stats.at("account_shards");
  const auto first_hot = stats.at("hot_account_shards_from").get<std::size_t>();
  for (std::size_t i = 0; i < shards.size(); ++i)
    (i < first_hot ? sum.home : sum.hot) += shards[i].at("events").get<std::uint64_t>();
  return sum;
}

}  // namespace payloom::hot
