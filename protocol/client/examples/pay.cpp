// Opens two accounts and pays 12.34 EUR from one to the other: pay HOST:PORT
#include <cstdio>

#include "protocol/client/id_generator.hpp"
#include "protocol/client/sync_client.hpp"

int main(int argc, char** argv) {
  using namespace payloom;
  if (argc != 2) return std::fprintf(stderr, "usage: pay HOST:PORT\n"), 2;
  client::client_options options;
  options.addresses = {argv[1]};
  client::sync_client ledger(options);
  client::id_generator ids;

  account_record accounts[2] = {};
  for (account_record& a : accounts) {
    a.id = ids.account();
    a.ledger = 978;  // EUR
    a.code = 1;
  }
  client::answer opened = ledger.create_accounts(accounts);
  if (opened.how != client::outcome::result || opened.first_code() != result_code::ok) {
    return std::printf("accounts: %s\n", name_of(opened.how).data()), 1;
  }
  transfer_record payment = {};
  payment.id = ids.transfer();  // keep it: repeating with the same id can never pay twice
  payment.debit_account = accounts[0].id;
  payment.credit_account = accounts[1].id;
  payment.amount_minor = 1234;
  payment.ledger = 978;
  payment.code = 1;
  client::answer paid = ledger.create_transfer(payment);
  while (paid.how == client::outcome::unknown) paid = ledger.create_transfer(payment);
  std::printf("%s, code %s\n", name_of(paid.how).data(), name_of(paid.first_code()).data());
  return paid.how == client::outcome::result && paid.first_code() == result_code::ok ? 0 : 1;
}
