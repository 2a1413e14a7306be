#pragma once
// Asks the server for orders one by one (order_timeline by the id of the order, of a command on it or of a posting;
// order_postings) and compares with the life book. One thread.
#include <random>
#include <vector>

#include "protocol/client/blocking_connection.hpp"
#include "tests/crash/life_book.hpp"

namespace payloom::crash {

/// Those of `orders` whose events or postings are not what the book says. Throws client::connection_lost.
std::vector<u128> differing_lives(client::blocking_connection& to, const life_book& book,
                                  const std::vector<u128>& orders, std::mt19937_64& engine);

}  // namespace payloom::crash
