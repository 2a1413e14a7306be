// Sells something: an order of 12.00 EUR is created, paid from the user's balance and shown. Their accounts are open
// (payloom party open ...) and the user has money: order HOST:PORT MERCHANT USER NUMBER
#include <cstdio>
#include <cstdlib>

#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/client/sync_client.hpp"

int main(int argc, char** argv) {
  using namespace payloom;
  if (argc != 5) return std::fprintf(stderr, "usage: order HOST:PORT MERCHANT USER NUMBER\n"), 2;
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  client::client_options options;
  options.addresses = {argv[1]};
  client::sync_client ledger(options);

  // 101: instant_sale; 978: EUR. The id follows from merchant and number: run it twice, and there is still one order.
  const order_record order = client::make_order(number(2), number(4), 101, 978, 1200, number(3));
  client::answer created = ledger.create_order(order);
  while (created.how == client::outcome::unknown) created = ledger.create_order(order);
  std::printf("order: %s, code %s\n", name_of(created.how).data(), name_of(created.first_code()).data());
  if (created.how != client::outcome::result || created.first_code() != result_code::ok) return 1;

  const order_action_record pay =
      client::make_order_action(order_action::pay, order.id, client::id_generator().transfer());
  client::answer paid = ledger.act_on_order(pay);
  while (paid.how == client::outcome::unknown) paid = ledger.act_on_order(pay);
  std::printf("payment: %s, code %s\n", name_of(paid.how).data(), name_of(paid.first_code()).data());

  const client::answer timeline = ledger.order_timeline({order.id.value});
  for (const order_event_row& row : timeline.rows<order_event_row>()) {
    std::printf("commit %llu: version %u, state %u, paid %llu\n", static_cast<unsigned long long>(row.sequence),
                row.event.order.version, row.event.order.state,
                static_cast<unsigned long long>(lo64(row.event.order.paid_minor)));
  }
  return paid.how == client::outcome::result && paid.first_code() == result_code::ok ? 0 : 1;
}
