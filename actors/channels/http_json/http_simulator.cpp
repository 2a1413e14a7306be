#include "actors/channels/http_json/http_simulator.hpp"

#include <array>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <utility>

#include "actors/channels/http_json/certificate_maker.hpp"
#include "actors/channels/http_json/http_messages.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

using core::outside_code;

struct told_code {
  std::string_view text;
  unsigned status;
};

/// In the order of outside_code.
constexpr std::array<told_code, core::outside_codes> told_codes = {{{"APPROVED", 200},
                                                                    {"DECLINED", 402},
                                                                    {"PROCESSING", 202},
                                                                    {"BUSY", 429},
                                                                    {"CONFLICT", 409},
                                                                    {"ATTEMPT_CLOSED", 409},
                                                                    {"NO_SOURCE", 422},
                                                                    {"SOURCE_SPENT", 422},
                                                                    {"NOT_FOUND", 404},
                                                                    {"INVALID", 400},
                                                                    {"REFUNDED", 409}}};

constexpr std::string_view attempts_path = "/v1/attempts/";
constexpr std::string_view statement_path = "/v1/statement?from=";
constexpr std::string_view close_end = "/close";
constexpr std::uint64_t ms = 1'000'000;

const told_code& told(outside_code code) { return told_codes[static_cast<std::size_t>(code)]; }

channel_operation operation_of(std::string_view path) {
  return path == "/v1/payments"  ? channel_operation::pay
         : path == "/v1/payouts" ? channel_operation::payout
         : path == "/v1/refunds" ? channel_operation::refund
                                 : channel_operation::none;
}

/// Two numbers of a query: "N&to=M".
bool read_span(std::string_view text, time_ns& from, time_ns& to) {
  constexpr std::string_view between = "&to=";
  const char* const end = text.data() + text.size();
  const auto [first_end, first] = std::from_chars(text.data(), end, from);
  if (first != std::errc() || !std::string_view(first_end, end).starts_with(between)) return false;
  const auto [second_end, second] = std::from_chars(first_end + between.size(), end, to);
  return second == std::errc() && second_end == end;
}

}  // namespace

http_simulator::http_simulator(asio::io_context& io, const simulator_settings& settings, const key_ring& keys,
                               std::function<time_ns()> now)
    : settings_(settings),
      now_(std::move(now)),
      book_(settings.outside),
      delays_(std::make_shared<delay_line>(io, settings.delayed_max)),
      sender_(std::make_shared<callback_sender>(io, keys, delays_, now_)),
      signatures_(keys),
      io_(io) {}

std::string http_simulator::start(tls_context server, tls_context client) {
  server_ = std::make_shared<https_server>(
      io_, std::move(server), settings_.server,
      [this](const http_message& message, const https_exchange& exchange) { receive(message, exchange); });
  if (settings_.sends_callbacks) sender_->start(std::move(client), settings_.callbacks);
  return server_->start();
}

void http_simulator::stop() {
  if (server_ != nullptr) server_->stop();
  sender_->stop();
  delays_->stop();
}

void http_simulator::delayed(std::uint64_t delay_ns, std::function<void()> what) {
  if (!delays_->add(delay_ns, std::move(what))) ++counters_.dropped;
}

void http_simulator::receive(const http_message& m, const https_exchange& exchange) {
  const signature_headers headers{m.key_id, m.timestamp, m.signature};
  if (signatures_.verify(headers, m.method, m.target, m.body, now_()) != signature_errc::ok) {
    ++counters_.unsigned_requests;
    return exchange.answer(401, "{}");
  }
  const channel_operation operation = m.method == "POST" ? operation_of(m.target) : channel_operation::none;
  if (operation != channel_operation::none) return attempt(operation, m, exchange);
  if (m.target.starts_with(attempts_path)) return about(m, exchange);
  if (m.method == "GET" && m.target.starts_with(statement_path)) return statement(m, exchange);
  ++counters_.bad_requests;
  exchange.answer(404, "{}");
}

void http_simulator::attempt(channel_operation operation, const http_message& m, const https_exchange& exchange) {
  message_fields f;
  const bool read = read_fields(m.body, f).ok() && f.has("attempt_id") && f.has("amount") && f.has("currency") &&
                    f.has("reference") && f.has("source") == (operation == channel_operation::refund);
  if (!read) {
    ++counters_.bad_requests;
    return exchange.answer(400, "{}");
  }
  const core::outside_request request{operation, f.attempt_id, f.source, f.amount_minor, f.currency, f.reference};
  const core::outside_reply reply = book_.take(request, now_());
  const u128 attempt_id = f.attempt_id;
  if (settings_.sends_callbacks) {
    for (const core::outside_callback& c : reply.callbacks) later(attempt_id, c, reply.channel_txn, f.reference);
    if (reply.twice && reply.outcome != channel_outcome::accepted) {
      // HTTP has one response to a request: the second telling is a callback.
      core::outside_callback again;
      again.delay_ns = reply.delay_ns + 1 * ms;
      again.outcome = reply.outcome;
      again.code = reply.code;
      again.amount_minor = reply.amount_minor;
      again.ledger = f.currency;
      again.duplicate = true;
      later(attempt_id, again, reply.channel_txn, f.reference);
    }
  }
  if (reply.silent) {
    ++counters_.silent;
    return delayed(reply.delay_ns,
                   [this, self = shared_from_this(), attempt_id, exchange] { be_silent(attempt_id, exchange); });
  }
  f.present = 0;
  f.code = told(reply.code).text;
  f.amount_minor = reply.amount_minor;
  f.channel_txn = reply.channel_txn;
  f.source = 0;
  f.reference.clear();
  write_fields(f, body_);
  const unsigned status = told(reply.code).status;
  if (reply.delay_ns == 0) return exchange.answer(status, body_);
  delayed(reply.delay_ns, [exchange, status, body = body_] { exchange.answer(status, body); });
}

void http_simulator::be_silent(u128 attempt_id, const https_exchange& exchange) {
  switch (attempt_id % 4) {
    case 0:
      return exchange.cut();
    case 1:
      return exchange.cut("{\"attempt_id\":\"");
    case 2:
      return exchange.answer(502, "<html>bad gateway</html>");
    default:
      return;  // nothing at all: the client's timeout ends it
  }
}

void http_simulator::later(u128 attempt_id, const core::outside_callback& c, u128 channel_txn,
                           const std::string& reference) {
  message_fields f;
  f.attempt_id = attempt_id;
  f.code = c.outcome == channel_outcome::returned ? "RETURNED" : told(c.code).text;
  f.amount_minor = c.amount_minor;
  f.currency = c.ledger;
  f.channel_txn = channel_txn;
  f.reference = reference;
  std::string body;
  write_fields(f, body);
  delayed(c.delay_ns, [this, self = shared_from_this(), attempt_id, c, body = std::move(body)]() mutable {
    if (book_.tells(attempt_id, c)) return sender_->send(std::move(body), c.forged);
    ++counters_.withdrawn;
  });
}

void http_simulator::about(const http_message& m, const https_exchange& exchange) {
  std::string_view rest = std::string_view(m.target).substr(attempts_path.size());
  const bool closes = rest.ends_with(close_end);
  if (closes) rest.remove_suffix(close_end.size());
  u128 attempt_id = 0;
  if (!read_hex32(rest, attempt_id) || (m.method == "POST") != closes) {
    ++counters_.bad_requests;
    return exchange.answer(400, "{}");
  }
  const core::outside_truth t = closes ? book_.close(attempt_id, now_()) : book_.query(attempt_id, now_());
  message_fields f;
  f.attempt_id = attempt_id;
  f.amount_minor = t.amount_minor;
  f.currency = book_.ledger_of(attempt_id);
  f.channel_txn = t.channel_txn;
  const bool closed = t.outcome == channel_outcome::closed;
  f.code = closed ? "CLOSED" : told(t.code).text;
  write_fields(f, body_);
  exchange.answer(closed || t.outcome == channel_outcome::rejected ? 200 : told(t.code).status, body_);
}

void http_simulator::statement(const http_message& m, const https_exchange& exchange) {
  time_ns from = 0, to = 0;
  if (!read_span(std::string_view(m.target).substr(statement_path.size()), from, to)) {
    ++counters_.bad_requests;
    return exchange.answer(400, "{}");
  }
  std::string text(core::statement_header);
  for (const core::statement_line& line : book_.statement(from, std::min(to, now_()))) (text += '\n') += text_of(line);
  text += '\n';
  exchange.answer(200, text);
}

std::string run_simulator(const simulator_settings& settings, std::function<time_ns()> now,
                          const std::function<void(std::uint16_t port)>& listening) {
  std::string problem{settings.outside.problem()};
  if (!problem.empty()) return problem;
  const auto files = make_certificates(settings.directory, problem);
  if (!files.has_value()) return problem;
  const auto keys = key_ring::read(settings.key_file, problem);
  if (!keys.has_value()) return "key_file: " + problem;
  const tls_context server = tls_context::server(files->certificate_file, files->key_file, problem);
  if (!problem.empty()) return problem;
  const tls_context client =
      tls_context::client(settings.sends_callbacks ? settings.platform_ca : files->ca_file, problem);
  if (!problem.empty()) return "platform_ca: " + problem;

  asio::io_context io(1);
  const auto simulator = std::make_shared<http_simulator>(io, settings, *keys, std::move(now));
  problem = simulator->start(server, client);
  if (!problem.empty()) return problem;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](error_code, int) {
    simulator->stop();
    io.stop();
  });
  listening(simulator->port());
  io.run();
  return {};
}

}  // namespace payloom::http_json
