#include "actors/channels/raw_log.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "actors/channels/secret_mask.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::actors {

namespace {

constexpr std::string_view first_word = "exchange";
constexpr std::size_t header_numbers = 7;
constexpr std::size_t exchange_bytes_max = 1u << 20;  ///< longer parts are cut when written

std::size_t bytes_of(const raw_exchange& e) { return sizeof e + e.request.size() + e.response.size(); }

/// The files of a directory by their number.
std::vector<std::pair<std::uint64_t, std::filesystem::path>> files_of(const std::filesystem::path& directory) {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> all;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.size() != 14 || !name.starts_with("raw-") || !name.ends_with(".log")) continue;
    std::uint64_t number = 0;
    const auto [stop, wrong] = std::from_chars(name.data() + 4, name.data() + 10, number);
    if (wrong == std::errc() && stop == name.data() + 10) all.emplace_back(number, at->path());
  }
  std::ranges::sort(all);
  return all;
}

std::filesystem::path file_of(const std::filesystem::path& directory, std::uint64_t number) {
  std::string digits = std::to_string(number % 1'000'000);
  digits.insert(0, 6 - digits.size(), '0');
  return directory / ("raw-" + digits + ".log");
}

/// "exchange ID BEGAN CONNECT TLS FIRST TOTAL REQUEST_BYTES RESPONSE_BYTES", then both, each with a line end.
void append(std::string& out, const raw_exchange& e) {
  (out += first_word) += ' ';
  out += to_hex(e.attempt_id);
  for (const std::uint64_t number :
       {std::uint64_t{e.began_at}, std::uint64_t{e.connect_us}, std::uint64_t{e.tls_us}, std::uint64_t{e.first_byte_us},
        std::uint64_t{e.total_us}, std::uint64_t{e.request.size()}, std::uint64_t{e.response.size()}})
    (out += ' ') += std::to_string(number);
  ((out += '\n') += e.request) += '\n';
  (out += e.response) += '\n';
}

/// The header of an exchange; false: damaged, or the torn end of a file.
bool read_header(std::string_view line, raw_exchange& e, std::uint64_t& request_bytes, std::uint64_t& response_bytes) {
  if (!line.starts_with(first_word)) return false;
  line.remove_prefix(std::min(first_word.size() + 1, line.size()));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const auto id = parse_hex(line.substr(0, space));
  if (!id.has_value()) return false;
  e.attempt_id = *id;
  std::uint64_t numbers[header_numbers];
  const char* at = line.data() + space;
  const char* const end = line.data() + line.size();
  for (std::uint64_t& number : numbers) {
    if (at == end || *at != ' ') return false;
    const auto [stop, wrong] = std::from_chars(at + 1, end, number);
    if (wrong != std::errc()) return false;
    at = stop;
  }
  if (at != end || numbers[5] > exchange_bytes_max || numbers[6] > exchange_bytes_max) return false;
  e.began_at = numbers[0];
  e.connect_us = static_cast<std::uint32_t>(numbers[1]);
  e.tls_us = static_cast<std::uint32_t>(numbers[2]);
  e.first_byte_us = static_cast<std::uint32_t>(numbers[3]);
  e.total_us = static_cast<std::uint32_t>(numbers[4]);
  request_bytes = numbers[5];
  response_bytes = numbers[6];
  return true;
}

bool read_part(std::istream& in, std::uint64_t bytes, bool wanted, std::string& out) {
  if (wanted) {
    out.resize(bytes);
    in.read(out.data(), static_cast<std::streamsize>(bytes));
  } else {
    in.ignore(static_cast<std::streamsize>(bytes));
  }
  return in.get() == '\n' && in.good();
}

}  // namespace

raw_log::raw_log(raw_log_options options) : options_(std::move(options)) {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);  // open_next says when that did not help
  const auto files = files_of(options_.directory);
  if (!files.empty()) file_number_ = files.back().first;
  thread_ = std::thread([this] { run(); });
}

raw_log::~raw_log() { stop(); }

bool raw_log::add(raw_exchange exchange) {
  const std::size_t bytes = bytes_of(exchange);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_bytes_ + bytes > options_.queue_bytes_max) {
      ++counters_.dropped;
      return false;
    }
    wake = queue_.empty() && !writing_;
    queue_.push_back(std::move(exchange));
    queue_bytes_ += bytes;
  }
  if (wake) wake_.notify_one();
  return true;
}

void raw_log::flush() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return queue_.empty() && !writing_; });
}

void raw_log::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

raw_log_counters raw_log::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void raw_log::run() {
  std::vector<raw_exchange> batch;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    batch.clear();
    batch.swap(queue_);
    queue_bytes_ = 0;
    writing_ = true;
    lock.unlock();
    write(batch);
    lock.lock();
    writing_ = false;
    if (queue_.empty()) idle_.notify_all();
  }
}

bool raw_log::open_next() {
  file_.close();
  file_.clear();
  file_.open(file_of(options_.directory, ++file_number_), std::ios::binary | std::ios::app);
  file_bytes_ = 0;
  if (options_.files_max != 0) {
    auto files = files_of(options_.directory);
    std::error_code ignored;  // a file that cannot be removed is tried again at the next turn
    for (std::size_t i = 0; i + options_.files_max < files.size(); ++i)
      std::filesystem::remove(files[i].second, ignored);
  }
  return file_.is_open();
}

void raw_log::write(std::vector<raw_exchange>& batch) {
  raw_log_counters done;
  for (raw_exchange& e : batch) {
    for (std::string* part : {&e.request, &e.response}) {
      if (part->size() > exchange_bytes_max) part->resize(exchange_bytes_max);
      mask_secrets(*part, options_.secrets);
    }
    text_.clear();
    append(text_, e);
    const bool full = file_bytes_ != 0 && file_bytes_ + text_.size() > options_.file_bytes_max;
    if (!file_.is_open() || full) done.files += open_next() ? 1 : 0;
    file_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    if (!file_.good()) {
      ++done.failed;
      file_.close();  // the rest of a torn exchange stays behind in the old file
      continue;
    }
    file_bytes_ += text_.size();
    done.bytes += text_.size();
    ++done.written;
  }
  if (file_.is_open()) file_.flush();
  const std::lock_guard lock(mutex_);
  counters_.written += done.written;
  counters_.failed += done.failed;
  counters_.bytes += done.bytes;
  counters_.files += done.files;
}

std::vector<raw_exchange> raw_log::read(const std::filesystem::path& directory, u128 attempt_id, std::size_t max) {
  std::vector<raw_exchange> found;
  for (const auto& [number, path] : files_of(directory)) {
    std::ifstream in(path, std::ios::binary);
    std::string line;
    raw_exchange e;
    std::uint64_t request_bytes = 0, response_bytes = 0;
    while (found.size() < max && std::getline(in, line) && read_header(line, e, request_bytes, response_bytes)) {
      const bool wanted = e.attempt_id == attempt_id;
      if (!read_part(in, request_bytes, wanted, e.request) || !read_part(in, response_bytes, wanted, e.response)) break;
      if (wanted) found.push_back(e);
    }
  }
  return found;
}

}  // namespace payloom::actors
