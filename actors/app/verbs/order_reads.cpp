#include "actors/app/verbs/order_reads.hpp"

#include <cstring>

namespace payloom::verbs {
namespace {

template <class Row>
void append(std::vector<Row>& to, std::span<const Row> rows) {
  to.insert(to.end(), rows.begin(), rows.end());
}

bool has_more(const client::reply& answer) { return (answer.header.flags & frame_flags::more) != 0; }

client::reply ask_by_id(client::blocking_connection& server, frame_type type, u128 id) {
  const id_record record{id};
  return ask(server, type, std::span<const id_record>(&record, 1));
}

}  // namespace

std::vector<order_event_row> read_timeline(client::blocking_connection& server, u128 id) {
  std::vector<order_event_row> rows;
  client::reply answer = ask_by_id(server, frame_type::order_timeline, id);
  append(rows, answer.rows<order_event_row>());
  while (has_more(answer) && !rows.empty()) {
    order_event_query query{};
    query.order = rows.back().event.order.id;
    query.after = rows.back().sequence;
    query.limit = limits::order_rows_max;
    answer = ask(server, frame_type::order_events, std::span<const order_event_query>(&query, 1));
    if (answer.body.empty()) throw refused_error("the server says that events are left and shows none");
    append(rows, answer.rows<order_event_row>());
  }
  return rows;
}

std::vector<transfer_row> read_postings(client::blocking_connection& server, u128 id) {
  const client::reply answer = ask_by_id(server, frame_type::order_postings, id);
  std::vector<transfer_row> rows;
  append(rows, answer.rows<transfer_row>());
  if (!has_more(answer)) return rows;
  rows.clear();
  for (const order_event_row& event : read_timeline(server, id)) {
    if (event.event.legs == 0) continue;
    u128 command = 0;
    std::memcpy(&command, event.event.request, sizeof command);
    // The creation's command is the order itself, which would answer for all: its postings are the first ones.
    if (command == event.event.order.id.value) {
      append(rows, answer.rows<transfer_row>().first(event.event.legs));
    } else {
      append(rows, ask_by_id(server, frame_type::order_postings, command).rows<transfer_row>());
    }
  }
  return rows;
}

std::vector<relation_row> read_graph(client::blocking_connection& server, u128 id) {
  std::vector<relation_row> rows;
  graph_query query{};
  query.id = id;
  query.limit = limits::graph_rows_max;
  for (bool more = true; more;) {
    const client::reply answer = ask(server, frame_type::order_graph, std::span<const graph_query>(&query, 1));
    append(rows, answer.rows<relation_row>());
    more = has_more(answer);
    if (more && answer.body.empty()) throw refused_error("the server says that relations are left and shows none");
    query.cursor = answer.header.cursor;
  }
  return rows;
}

}  // namespace payloom::verbs
