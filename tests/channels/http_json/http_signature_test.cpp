// Signatures: a known value, every refusal, rotation; key files and that their errors tell no key.
#include "actors/channels/http_json/http_signature.hpp"

#include <gtest/gtest.h>

namespace payloom::test {
namespace {

using http_json::key_ring;
using http_json::signature_book;
using http_json::signature_errc;
using http_json::signature_headers;

constexpr time_ns now = 1'795'392'000'000'000'000;
const std::string one = "000102030405060708090a0b0c0d0e0f", two = "f0e0d0c0b0a090807060504030201000";

key_ring ring(const std::string& text) {
  std::string problem;
  auto made = key_ring::parse(text, problem);
  EXPECT_TRUE(made.has_value()) << problem;
  return std::move(*made);
}

struct texts {
  std::string key_id, timestamp, signature;
  signature_headers headers() const { return {key_id, timestamp, signature}; }
};

texts sign(const key_ring& keys, time_ns at = now) {
  std::string out;
  signature_book(keys).append_headers(out, "POST", "/v1/x", "{}", at);
  texts t;
  const auto value = [&](std::string_view name) {
    const std::size_t from = out.find(name) + name.size();
    return out.substr(from, out.find('\r', from) - from);
  };
  t.key_id = value("X-Key-Id: ");
  t.timestamp = value("X-Timestamp: ");
  t.signature = value("X-Signature: ");
  return t;
}

TEST(http_signature, a_known_value) {
  const key_ring keys = ring("k1 " + one + "\n");
  const texts t = sign(keys);
  EXPECT_EQ(t.key_id, "k1");
  EXPECT_EQ(t.timestamp, "1795392000");
  EXPECT_EQ(t.signature, "951970017d8e625a9432ac42d56327268cce0842f66b7098cfca9ff659362e09");
}

TEST(http_signature, only_what_was_signed_fits) {
  const key_ring keys = ring("k1 " + one);
  signature_book book(keys, 300);
  const texts good = sign(keys);
  using enum signature_errc;
  const auto verify = [&](const texts& t, std::string_view method = "POST", std::string_view path = "/v1/x",
                          std::string_view body = "{}",
                          time_ns at = now) { return book.verify(t.headers(), method, path, body, at); };
  const auto changed = [&](auto change) {
    texts t = good;
    change(t);
    return verify(t);
  };
  EXPECT_EQ(verify(good), ok);
  EXPECT_EQ(verify(good), ok) << "a context is used again";
  EXPECT_EQ(verify(good, "GET"), wrong);
  EXPECT_EQ(verify(good, "POST", "/v1/y"), wrong);
  EXPECT_EQ(verify(good, "POST", "/v1/x", "{ }"), wrong);
  EXPECT_EQ(verify(good, "POST", "/v1/x", "{}", now + 300'000'000'000), ok);
  EXPECT_EQ(verify(good, "POST", "/v1/x", "{}", now + 301'000'000'000), stale);
  EXPECT_EQ(verify(good, "POST", "/v1/x", "{}", now - 300'000'000'000), ok);
  EXPECT_EQ(verify(good, "POST", "/v1/x", "{}", now - 301'000'000'000), stale);
  EXPECT_EQ(changed([](texts& t) { t.timestamp.back() = '1'; }), wrong);
  EXPECT_EQ(changed([](texts& t) { t.timestamp += "x"; }), missing);
  EXPECT_EQ(changed([](texts& t) { t.timestamp.clear(); }), missing);
  EXPECT_EQ(changed([](texts& t) { t.timestamp = "99999999999999999999999"; }), missing);
  EXPECT_EQ(changed([](texts& t) { t.key_id.clear(); }), missing);
  EXPECT_EQ(changed([](texts& t) { t.key_id = "k2"; }), unknown_key);
  EXPECT_EQ(changed([](texts& t) { t.signature.pop_back(); }), missing);
  EXPECT_EQ(changed([](texts& t) { t.signature[3] = 'g'; }), missing);
  for (std::size_t i = 0; i < good.signature.size(); ++i)
    ASSERT_EQ(changed([&](texts& t) { t.signature[i] = t.signature[i] == '0' ? '1' : '0'; }), wrong) << i;
}

TEST(http_signature, the_previous_key_still_verifies_and_the_current_one_signs) {
  const key_ring before = ring("k1 " + one), during = ring("# rotated\nk2 " + two + "\nk1 " + one),
                 after = ring("k2 " + two);
  const auto verify = [](const key_ring& keys, const texts& t) {
    return signature_book(keys).verify(t.headers(), "POST", "/v1/x", "{}", now);
  };
  EXPECT_EQ(verify(during, sign(before)), signature_errc::ok);
  EXPECT_EQ(verify(during, sign(after)), signature_errc::ok);
  EXPECT_EQ(sign(during).key_id, "k2");
  EXPECT_EQ(verify(after, sign(before)), signature_errc::unknown_key);
}

TEST(key_ring, what_is_wrong_is_said_without_the_key) {
  struct row {
    std::string text, problem;
  };
  const row rows[] = {
      {"", "line 0: no key"},
      {"k1", "line 1: not \"key_id hex\""},
      {one, "line 1: not \"key_id hex\""},
      {"# one\nk! " + one, "line 2: a key id has 1 to 32 letters, digits, _ and -"},
      {"k1 " + one.substr(2), "line 1: a key has 16 to 64 bytes"},
      {"k1 " + one + "0", "line 1: a key has 16 to 64 bytes"},
      {"k1 " + std::string(130, 'a'), "line 1: a key has 16 to 64 bytes"},
      {"k1 " + one.substr(1) + "g", "line 1: a key is hexadecimal"},
      {"k1 " + one + "\nk1 " + two, "line 2: a key id is there twice"},
      {"k1 " + one + "\nk2 " + two + "\nk3 " + two, "line 3: more than a current and a previous key"},
  };
  for (const row& r : rows) {
    std::string problem;
    EXPECT_FALSE(key_ring::parse(r.text, problem).has_value()) << r.problem;
    EXPECT_EQ(problem, r.problem);
    EXPECT_EQ(problem.find(one.substr(4, 8)), std::string::npos);
  }
  std::string problem;
  EXPECT_FALSE(key_ring::read("no/such/file", problem).has_value());
  EXPECT_EQ(ring("k1 " + one).secrets(), std::vector<std::string>{one});
}

}  // namespace
}  // namespace payloom::test
