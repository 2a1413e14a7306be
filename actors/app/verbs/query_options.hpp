#pragma once
// The filters that listing verbs share, and paging.
#include <optional>
#include <utility>
#include <vector>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/text.hpp"

namespace payloom::verbs {

struct query_options {
  std::string ledger, from, to;
  std::uint16_t code = 0;
  commit_seq sequence_from = 0, sequence_to = 0;
  std::uint64_t cursor = 0;
  std::uint64_t limit = 100;
  bool backward = false;
  user_data_options data;

  void add_to(CLI::App& verb);
  query_record record() const;
};

/// Asks page after page until `wanted` rows are here or none is left. `cursor` is where to go on, 0 when all were read.
template <class Row>
std::vector<Row> read_pages(client::blocking_connection& server, frame_type type, query_record query,
                            std::uint64_t wanted, std::uint64_t& cursor) {
  constexpr std::uint64_t page = 1000;
  std::vector<Row> rows;
  bool more = true;
  while (more && rows.size() < wanted) {
    query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(page, wanted - rows.size()));
    const client::reply answer = ask(server, type, std::span<const query_record>(&query, 1));
    const auto found = answer.rows<Row>();
    rows.insert(rows.end(), found.begin(), found.end());
    more = (answer.header.flags & frame_flags::more) != 0;
    query.cursor = answer.header.cursor;
  }
  cursor = more ? query.cursor : 0;
  return rows;
}

/// What is to be sent, made by `make`, and the connection: before connecting where the command line says all (a wrong
/// one needs no server to be refused), else when the server's ledgers are known.
template <class Make>
auto made_and_connected(const common_options& options, Make&& make) {
  std::optional<decltype(make())> made;
  try {
    made = make();
  } catch (const ledgers_needed&) {
  }
  auto server = connect_for_amounts(options);
  if (!made) made = make();
  return std::pair(std::move(*made), std::move(server));
}

/// Says on stderr how to go on when rows were left.
void print_more(std::uint64_t cursor);

}  // namespace payloom::verbs
