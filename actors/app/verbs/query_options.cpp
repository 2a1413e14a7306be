#include "actors/app/verbs/query_options.hpp"

#include <fmt/format.h>

namespace payloom::verbs {

void query_options::add_to(CLI::App& verb) {
  verb.add_option("--ledger", ledger, "Only this currency");
  verb.add_option("--code", code, "Only this code");
  verb.add_option("--from", from, "Not before this time (UTC)");
  verb.add_option("--to", to, "Not after this time (UTC)");
  verb.add_option("--sequence-from", sequence_from, "Not before this commit");
  verb.add_option("--sequence-to", sequence_to, "Not after this commit");
  verb.add_option("--limit", limit, "Rows at most")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  verb.add_option("--cursor", cursor, "Go on where an earlier call stopped");
  verb.add_flag("--backward", backward, "Newest first");
  data.add_to(verb);
}

query_record query_options::record() const {
  query_record query{};
  if (!ledger.empty()) query.ledger = parse_ledger_text(ledger);
  query.code = code;
  if (!from.empty()) query.time_from = parse_time_text(from);
  if (!to.empty()) query.time_to = parse_time_text(to);
  query.sequence_from = sequence_from;
  query.sequence_to = sequence_to;
  query.cursor = cursor;
  if (backward) query.flags |= payloom::query_flags::backward;
  data.fill(query);
  return query;
}

client::blocking_connection connect_for_amounts(const common_options& options) {
  constexpr std::uint64_t ledgers_max = 100'000;
  auto server = connect(options);
  std::uint64_t cursor = 0;
  learn_ledgers(read_pages<ledger_row>(server, frame_type::list_ledgers, query_record{}, ledgers_max, cursor));
  return server;
}

void print_more(std::uint64_t cursor) {
  if (cursor != 0) fmt::print(stderr, "more rows are left: --cursor {}\n", cursor);
}

}  // namespace payloom::verbs
