#include "tests/crash/life_check.hpp"

#include "protocol/client/bulk.hpp"

namespace payloom::crash {
namespace {

constexpr std::size_t window = 16;
constexpr std::uint64_t by_other_id_percent = 30;

/// The order's id, or one that leads to it.
u128 id_to_ask(const life_book& book, u128 order, std::uint64_t random) {
  const order_life& life = *book.find(order);
  if (random % 100 >= by_other_id_percent) return order;
  return random % 2 == 0 && life.last_had_postings ? posting_id_of(0, life.last_command, 0).value : life.last_command;
}

bool shows_events(const order_life& life, const client::reply& reply) {
  std::uint64_t digest = 0;
  for (const order_event_row& row : reply.rows<order_event_row>()) digest = add_to_digest(digest, row);
  return digest == life.events_digest && reply.rows<order_event_row>().size() == life.row.version;
}

bool shows_postings(const order_life& life, const client::reply& reply) {
  std::uint64_t digest = 0;
  bool posted = reply.rows<transfer_row>().size() == life.postings;
  for (const transfer_row& row : reply.rows<transfer_row>()) {
    digest = add_to_digest(digest, row.record, row.sequence);
    posted = posted && row.code == result_code::ok && row.state == static_cast<std::uint16_t>(transfer_state::posted);
  }
  return posted && digest == life.postings_digest;
}

}  // namespace

std::vector<u128> differing_lives(client::blocking_connection& to, const life_book& book,
                                  const std::vector<u128>& orders, std::mt19937_64& engine) {
  std::vector<u128> asked;
  for (const u128 order : orders) asked.push_back(id_to_ask(book, order, engine()));
  std::vector<bool> good(orders.size(), true);
  const auto check = [&](frame_type type, const std::vector<u128>& ids, const auto& shows) {
    client::for_each_frame<id_record>(
        to, type, orders.size(), 1, [&](std::uint64_t i) { return id_record{ids[i]}; },
        [&](std::uint64_t i, std::uint32_t, const client::reply& reply) {
          const bool right = reply.code() == result_code::ok && shows(*book.find(orders[i]), reply);
          good[i] = good[i] && right;
        },
        window);
  };
  check(frame_type::order_timeline, asked, shows_events);
  check(frame_type::order_postings, orders, shows_postings);
  std::vector<u128> differing;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (!good[i]) differing.push_back(orders[i]);
  }
  return differing;
}

}  // namespace payloom::crash
