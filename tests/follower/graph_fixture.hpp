#pragma once
// A follower that answers order_graph.
#include <algorithm>
#include <memory>
#include <vector>

#include "actors/follower/query_engine.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom::testing {

struct graph_fixture : follower_fixture {
  explicit graph_fixture(std::uint64_t seed) : follower_fixture(seed) {
    open();
    fetcher = std::make_unique<follower::journal_fetcher>(journal);
    engine = std::make_unique<follower::query_engine>(journal, *behind, *store, *fetcher);
  }
  follower::query_outcome ask(tenant_id tenant, u128 id, std::vector<relation_row>& rows, std::uint32_t limit = 8'000,
                              std::uint64_t cursor = 0) {
    graph_query query{};
    query.id = id;
    query.limit = limit;
    query.cursor = cursor;
    return engine->order_graph(tenant, query, soon(), rows);
  }
  std::vector<relation_row> graph(u128 id, tenant_id tenant = 0) {
    std::vector<relation_row> rows;
    EXPECT_EQ(ask(tenant, id, rows).code, result_code::ok);
    return rows;
  }
  std::unique_ptr<follower::event_fetcher> fetcher;
  std::unique_ptr<follower::query_engine> engine;
};

template <class Row>
bool same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::ranges::equal(a, b, same_bytes<Row>);
}

}  // namespace payloom::testing
