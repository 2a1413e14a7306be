#include "tests/sim/journal_feed.hpp"

#include "storage/codec/group_reader.hpp"

namespace payloom::sim {
namespace {

journal_event base_of(const storage::run_view& run, std::uint32_t i, journal_kind kind) {
  journal_event e;
  e.sequence = run.first_sequence + i;
  e.timestamp = run.first_time + i;
  e.tenant = run.context->tenant;
  e.kind = kind;
  return e;
}

struct translator {
  std::vector<journal_event>& out;
  void operator()(const storage::run_view& run, std::uint32_t i, const storage::resolution_event& r) const {
    journal_event e = base_of(run, i, journal_kind::transfer);
    e.record = raw_record(r.record);
    if (run.kind == storage::run_kind::chain) {
      e.unit_index = i;
      e.unit_size = run.count;
    }
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const storage::transfer_event& r) const {
    journal_event e = base_of(run, i, journal_kind::transfer);
    e.record = raw_record(r);
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const storage::refusal_event& r) const {
    journal_event e = base_of(run, i, journal_kind::refusal);
    std::memcpy(e.record.bytes.data(), r.request, sizeof r.request);
    e.code = r.code;
    e.refused_type = static_cast<frame_type>(r.request_type);
    e.as_of = r.as_of;
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const account_record& r) const {
    journal_event e = base_of(run, i, journal_kind::account);
    e.record = raw_record(r);
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const storage::change_event& r) const {
    journal_event e = base_of(run, i, journal_kind::change);
    e.record = raw_record(r.record);
    e.flags_after = r.flags_after;
    e.limit_after = r.overdraft_limit_after;
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const order_event& r) const {
    journal_event e = base_of(run, i, journal_kind::order);
    std::memcpy(e.record.bytes.data(), r.request, sizeof r.request);
    e.order = std::make_shared<const order_event>(r);
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const payment_row& r) const {
    journal_event e = base_of(run, i, journal_kind::payment);
    e.payment = std::make_shared<const payment_row>(r);
    out.push_back(e);
  }
  void operator()(const storage::run_view& run, std::uint32_t i, const storage::seal_event& r) const {
    journal_event e = base_of(run, i, journal_kind::seal);
    e.record = raw_record(id_record{r.id.value});
    out.push_back(e);
  }
};

}  // namespace

std::vector<journal_event> journal_feed::drain() {
  std::vector<journal_event> out;
  if (journal_.durable_through() < next_) return out;
  const auto reader = journal_.open_reader(next_);
  for (storage::group_view g = reader->next(); g.header != nullptr; g = reader->next()) {
    const std::size_t first = out.size();
    storage::for_each_event(g, translator{out});
    for (std::size_t i = first; i < out.size(); ++i) out[i].group = out[first].sequence;
  }
  next_ += out.size();
  return out;
}

}  // namespace payloom::sim
