#pragma once
// One page of order_graph: finds the orders that belong to an id and walks their relations. For query_graph.cpp alone.
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "actors/follower/order_relations.hpp"
#include "actors/follower/query_engine.hpp"

namespace payloom::follower {

/// The orders of a graph: those of its root business by the commits that name it, then what an id means beside them and
/// what is combined with any of these, by their first events. A page is gone through in that order.
class query_engine::graph_walk {
 public:
  graph_walk(query_engine& engine, tenant_id tenant, commit_seq as_of)
      : engine_(engine), tenant_(tenant), as_of_(as_of) {}

  /// False: the id leads to no order.
  bool begin(u128 id);
  /// Goes on behind the last row of a page before. False: no page ended there.
  bool go_behind(std::uint64_t cursor);
  /// Up to `most` rows; `out` says whether more are left.
  void page(std::size_t most, std::vector<relation_row>& rows, query_outcome& out);

 private:
  /// An order of the graph.
  struct member {
    commit_seq created = 0;
    commit_seq named = 0;  ///< its first event that names the root; 0: it is not of that root
    std::vector<relation_row> rows;
    std::vector<u128> combined;  ///< combined payments that it has a part in
  };
  enum class postings : bool { no, yes };

  /// All of an order; nothing (created 0) when it is another tenant's.
  member load(commit_seq created, const std::vector<commit_seq>& steps, postings wanted);
  /// Some of its events with what stands behind them; false: another tenant's.
  bool read(std::span<const commit_seq> steps, postings wanted, order_relations& into, member& out);
  /// The first event of the order that an order's event, a posting or a payment is of; 0: something else stands there.
  commit_seq order_at(commit_seq sequence);
  /// Events that name the root behind `after`.
  std::vector<commit_seq> named_behind(commit_seq after, std::size_t most);
  bool is_of_root(commit_seq sequence);
  /// Adds the rows of `m` to the page; false: it is full.
  bool show(const member& m, bool resumed);
  bool show_root();
  bool show_others();
  /// What is combined with what was found so far, and with that.
  void find_others();
  void meet(const std::vector<u128>& combined, std::vector<commit_seq>& found);
  std::vector<commit_seq> orders_of_combined(u128 combined);
  order_id settlement_of(const transfer_record& posting, day_number day, commit_seq sequence);
  std::optional<settlement_row> batch_through(account_id account, ledger_id ledger, day_number day);

  query_engine& engine_;
  tenant_id tenant_;
  commit_seq as_of_;
  u128 root_ = 0;
  std::vector<commit_seq> seeds_;  ///< first events of what the id means, in or outside of the root
  std::uint64_t after_ = 0;        ///< place of the last row of the page before
  commit_seq resume_created_ = 0;  ///< of its order
  commit_seq resume_named_ = 0;    ///< likewise; 0: it is not of the root
  std::size_t most_ = 0;
  std::vector<relation_row>* rows_ = nullptr;
  bool left_ = false;               ///< the root has orders that this page did not come to
  bool large_ = false;              ///< the root has more than graph_orders_max
  std::set<commit_seq> of_root_;    ///< first events of the root's orders
  std::vector<commit_seq> passed_;  ///< of those that pages before have shown
  std::set<u128> combined_;         ///< met so far
  std::map<commit_seq, member> others_;
  std::map<u128, day_number> settled_through_;
  std::map<std::pair<u128, day_number>, std::optional<settlement_row>> batches_;
  std::vector<fetched_event> found_;  ///< scratch
};

}  // namespace payloom::follower
