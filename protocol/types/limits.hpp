#pragma once
// Every bound that the protocol, the journal and the core share, in one place; relations between them are checked
// at compile time. What happens at each bound is said beside it.
#include <cstddef>
#include <cstdint>

namespace payloom::limits {

inline constexpr std::size_t record_bytes = 128;  ///< one request record on the wire and in the journal
inline constexpr std::size_t frame_header_bytes = 128;
inline constexpr std::size_t frame_bytes_max = 1u << 20;  ///< whole frame; larger: `frame_too_large`, then close
inline constexpr std::uint32_t frame_events_max = 8190;   ///< records in a frame; more: `frame_malformed`, then close
inline constexpr std::uint32_t chain_events_max = 1024;   ///< members of a linked chain; more: `chain_too_long`
inline constexpr std::uint32_t virtual_shards = 4096;     ///< upper bound of every shard count
inline constexpr std::uint32_t shards_max = virtual_shards;
inline constexpr std::size_t group_bytes_max =
    4u << 20;  ///< one synced journal write; a fuller batch makes the next group
inline constexpr std::uint32_t duplicates_waiting_max = 64;  ///< commands waiting behind one id in flight; more: `busy`
inline constexpr std::uint32_t account_waiters_max = 65536;  ///< slips waiting at one account; more: `busy`
inline constexpr std::uint32_t query_rows_max = 8190;        ///< rows of one query page
inline constexpr std::size_t catalog_name_bytes_max = 48;    ///< a name of the payment catalogue; else refused at load
inline constexpr std::size_t machines_max = 64;              ///< state machines of a catalogue; more: refused at load
inline constexpr std::size_t machine_states_max = 32;        ///< states of one machine; likewise
inline constexpr std::size_t machine_events_max = 64;        ///< events of one kind of machines; likewise
inline constexpr std::size_t machine_durations_max = 64;     ///< named durations of a catalogue; likewise
inline constexpr std::uint32_t timeout_times_max = 10'000;   ///< how often a timer may repeat before it gives up
inline constexpr std::size_t products_max = 256;             ///< business products of a catalogue; likewise
inline constexpr std::size_t payment_tools_max = 16;         ///< payment tools (a set of them is 16 bits); likewise
inline constexpr std::size_t plan_names_max = 256;           ///< names in a list of plans or templates; likewise
inline constexpr std::size_t limit_sets_max = 64;            ///< named sets of amount limits; likewise
inline constexpr std::size_t limit_ledgers_max = 32;         ///< ledgers in one set of amount limits; likewise

inline constexpr std::uint32_t order_waiters_max = 64;      ///< commands waiting behind one order; more: `busy`
inline constexpr std::uint32_t payment_sources_max = 4;     ///< attempts that brought money; more: `sources_full`
inline constexpr std::uint32_t combined_orders_max = 64;    ///< linked actions; more: `chain_too_long`
inline constexpr std::uint32_t order_events_max = 65'000;   ///< events of one order; more: `order_state_refuses`
inline constexpr std::uint32_t order_rows_max = 1150;       ///< rows of one page of order events
inline constexpr std::uint32_t order_wait_ms_max = 30'000;  ///< how long a query of order events may wait

inline constexpr std::uint32_t subscriptions_max = 1024;          ///< of a partition; more: `subscriptions_full`
inline constexpr std::uint32_t subscription_window_max = 10'000;  ///< events pushed and not acknowledged
inline constexpr std::uint32_t graph_rows_max = 8000;             ///< rows of one page of relations
inline constexpr std::size_t row_posts_max = 3;                   ///< posting events of one row of the business map

inline constexpr std::uint32_t deferred_open_max = 65'536;  ///< orders of a shard with deferred legs; more: at once
inline constexpr std::size_t channels_max = 64;             ///< channels of a catalogue; refused at load
inline constexpr std::uint64_t channel_number_max = 0xffffffff;    ///< likewise
inline constexpr std::uint32_t channel_in_flight_max = 16u << 20;  ///< calls of a channel without an answer; likewise
inline constexpr std::size_t channel_codes_max = 1024;             ///< codes that one channel may use; likewise
inline constexpr std::size_t channel_code_bytes_max = 64;          ///< one of them; likewise
inline constexpr std::size_t checks_max = 8;                       ///< checks of a catalogue; refused at load
inline constexpr std::uint32_t check_in_flight_max = 1u << 20;     ///< questions to one check; refused at load
inline constexpr std::uint32_t check_deadline_ms_max = 60'000;     ///< for which a payment waits; refused at load
inline constexpr std::uint32_t attempts_max = 10'000;              ///< attempts of one payment; then a case

static_assert(frame_header_bytes + frame_events_max * record_bytes <= frame_bytes_max);
static_assert(chain_events_max <= frame_events_max);
static_assert(frame_bytes_max * 2 <= group_bytes_max, "a frame's worth of units must fit in one group");

// The payment catalogue's accounts, rules and plans: a catalogue that says more is refused when it is loaded.
inline constexpr std::size_t account_roles_max = 64;            ///< roles of a chart of accounts
inline constexpr std::size_t posting_legs_max = 16;             ///< legs of one posting, split receivers counted singly
inline constexpr std::size_t posting_amounts_max = 8;           ///< amounts that callers give by name
inline constexpr std::size_t posting_rules_max = 256;           ///< rule sets
inline constexpr std::size_t posting_forms_max = 32;            ///< forms, each with its events
inline constexpr std::size_t posting_events_max = 32;           ///< events of one form
inline constexpr std::size_t posting_flows_max = 32;            ///< flows of one form
inline constexpr std::size_t split_receivers_max = 8;           ///< receivers of one split plan
inline constexpr std::size_t split_plans_max = 4096;            ///< split plans
inline constexpr std::size_t fee_tiers_max = 8;                 ///< tiers of one currency of a fee plan
inline constexpr std::size_t fee_currencies_max = 256;          ///< currencies of one fee plan
inline constexpr std::size_t fee_plans_max = 4096;              ///< fee plans
inline constexpr std::uint32_t settlement_days_after_max = 31;  ///< days between a day and its settlement
inline constexpr std::uint32_t reserve_days_max = 3650;         ///< days for which a reserve is kept
inline constexpr std::size_t settlement_merchants_max = 10'000;  ///< merchants with a settlement plan of their own
inline constexpr std::uint32_t rate_whole = 1'000'000;           ///< rates are in millionths: this is the whole
inline constexpr std::size_t rules_max = 1024;                   ///< rules of a catalogue
inline constexpr std::size_t shadow_ledgers_max = 8;             ///< ledgers told apart by the counts of a watched rule
inline constexpr std::size_t shadow_samples_max = 16;            ///< newest orders kept for each of them, by shard
inline constexpr std::size_t catalog_versions_max = 256;         ///< versions of one data directory; more: not accepted
inline constexpr std::size_t catalog_person_bytes_max = 31;      ///< maker and checker
inline constexpr std::size_t catalog_note_bytes_max = 47;
/// Days for which the follower keeps a merchant's sums apart; one more joins the two oldest.
inline constexpr std::uint32_t unsettled_days_max = 64;
inline constexpr std::uint32_t settlement_rows_max = 1000;  ///< rows of one page of settle and settlements
static_assert(split_receivers_max <= posting_legs_max && posting_legs_max <= chain_events_max);

}  // namespace payloom::limits
