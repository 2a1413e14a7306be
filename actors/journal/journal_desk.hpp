#pragma once
// The journal writer's desk, without CAF and without I/O: takes decided events, lays them into a group, and keeps what
// must be told to the shards once the group is durable, or when there is no space for it. One thread at a time.
#include <deque>
#include <memory>
#include <vector>

#include "actors/core/account_book.hpp"
#include "actors/core/slip.hpp"
#include "actors/core/topology.hpp"
#include "actors/core/unit_case.hpp"
#include "storage/codec/group_builder.hpp"

namespace payloom::actors {

/// What one durable group means for the shards; sent by the writer in this order: apply, then durable.
struct aftermath {
  explicit aftermath(const core::topology& t)
      : apply(t.account_shards()),
        balances(t.account_shards()),
        created(t.account_shards()),
        changed(t.account_shards()),
        durable(t.order_shards()),
        orders(t.order_shards()),
        payments(t.order_shards()),
        targets(t.order_shards()) {}
  std::vector<core::apply_vector> apply;
  std::vector<std::vector<core::balance_request>> balances;
  std::vector<core::slip_vector> created;
  std::vector<std::vector<core::change_decision>> changed;
  std::vector<core::slip_vector> durable;
  std::vector<std::vector<core::order_end>> orders;
  std::vector<std::vector<payment_row>> payments;  ///< of `orders`
  std::vector<std::vector<core::target_end>> targets;
  commit_seq base_seq = 0, through = 0;
  time_ns base_time = 0;
  std::vector<result_code> refusals;  ///< one entry per remembered refusal
};

/// How much of what was queued since the start is behind: whole batches of slips and a part of the next one, ...
struct desk_place {
  std::uint64_t batches = 0;
  std::size_t slips = 0;
  std::uint64_t cases = 0, changes = 0, creations = 0;
};

/// A group on its way: the bytes and its aftermath.
struct open_group {
  explicit open_group(const core::topology& t) : after(t) {}
  storage::group_builder builder;
  aftermath after;
  std::span<std::byte> bytes;
  desk_place end;  ///< closed: everything before this place is in this group or an earlier one
};

/// What the shards must be told when there is no space: claims go back, nothing happened (`unavailable`).
struct refused_work {
  explicit refused_work(const core::topology& t)
      : release(t.account_shards()),
        uncreated(t.account_shards()),
        ended(t.order_shards()),
        targets(t.order_shards()) {}
  std::vector<core::apply_vector> release;
  std::vector<core::slip_vector> uncreated;
  std::vector<core::slip_vector> ended;
  std::vector<std::vector<core::target_end>> targets;
};

class journal_desk {
 public:
  journal_desk(const core::topology& t, commit_seq next, time_ns last_time, bool shadow);
  ~journal_desk();

  /// Queues what was decided. Bounded by the credits at the edge.
  void add(core::slip_vector slips);
  void add_cases(std::vector<core::unit_case*> cases);
  void add_changes(std::vector<core::change_decision> changes);
  void add_creations(core::slip_vector creations);

  /// Something is queued that is in no group yet.
  bool has_work() const { return queued_events_ != 0; }
  std::uint64_t queued_events() const { return queued_events_; }

  /// Lays queued events into `g` until it is full or the queue is empty.
  void fill(open_group& g);
  /// Closes a filled group: sequences and times are settled now.
  void close(open_group& g, time_ns now);
  /// A closed group is durable; groups become so in the order in which they were closed.
  void durable(const open_group& g);
  /// There is no space: everything that is not durable, laid or not, is refused `unavailable`. Its sequences are not
  /// used up; groups that hold some of it must be reset.
  void refuse_all(refused_work& out);
  /// Makes a used group object ready for the next fill.
  void reset(open_group& g);

  commit_seq next_sequence() const { return next_; }

 private:
  bool lay_slips(open_group& g);
  bool lay_slip(open_group& g, const core::plain_slip& s);
  bool lay_case(open_group& g, core::unit_case& c);
  bool lay_order(open_group& g, core::unit_case& c, std::uint32_t context);
  std::uint32_t lay_work(open_group& g, core::unit_case& c, std::uint32_t i, std::uint32_t leg, std::uint32_t context);
  void follow_members(open_group& g, core::unit_case& c);
  void follow_postings(open_group& g, core::unit_case& c);
  static void follow_members_at(open_group& g, core::unit_case& c, const core::case_account_stop& stop,
                                shard_index shard);
  void prefetch_cases(std::size_t at) const;
  bool lay_change(open_group& g, const core::change_decision& d);
  bool lay_creation(open_group& g, const core::plain_slip& s);
  std::uint32_t context_of(open_group& g, const command_frame& f);
  void follow_slip(open_group& g, const core::plain_slip& s, std::uint64_t id_mix);
  void follow_accounts(open_group& g, const core::plain_slip& s, const transfer_record& t, bool unreserve);
  static bool join_entry(core::apply_vector& entries, const core::apply_entry& a);
  void add_apply(open_group& g, shard_index shard, core::apply_entry a, const core::plain_slip& s, std::uint32_t side,
                 bool balance);
  shard_index account_shard(tenant_id tenant, account_id id) const {
    return topology_.account_shard(mix_id(tenant, id.value), tenant, id.value);
  }
  commit_seq last_laid(const open_group& g) const { return next_ + g.builder.event_count() - 1; }
  void settle(const desk_place& to);
  void refuse_slip(core::plain_slip s, refused_work& out) const;
  void refuse_case(core::unit_case& c, refused_work& out) const;
  void refuse_change(const core::change_decision& d, refused_work& out) const;
  void refuse_creation(const core::plain_slip& s, refused_work& out) const;
  void end_refused(core::plain_slip s, u128 id, refused_work& out) const;

  const core::topology& topology_;
  commit_seq next_;          ///< sequence of the first event of the group being filled
  commit_seq durable_next_;  ///< sequence of the first event that is not durable
  time_ns last_time_;
  bool shadow_;
  // Oldest first, kept until durable; `settled_` is the place of the fronts, `laid_` how far groups hold them.
  std::deque<core::slip_vector> slips_;
  std::deque<core::unit_case*> cases_;  ///< owned
  std::deque<core::change_decision> changes_;
  std::deque<core::plain_slip> creations_;
  desk_place settled_, laid_;
  std::uint64_t queued_events_ = 0;
  const command_frame* context_frame_ = nullptr;  ///< the frame that context_ is for, within one fill
  std::uint32_t context_ = 0;
};

}  // namespace payloom::actors
