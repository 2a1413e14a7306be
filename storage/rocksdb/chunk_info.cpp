#include "storage/rocksdb/chunk_info.hpp"

#include "storage/rocksdb/index_keys.hpp"

namespace payloom::storage {

namespace {
std::uint64_t mix(u128 value) {
  std::uint64_t x = lo64(value) * 0x9e3779b97f4a7c15ull ^ (hi64(value) + 0x7f4a7c15ull) * 0xd6e8feb86659fd93ull;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  return x ^ (x >> 29);
}
}  // namespace

void attribute_filter::add_new(u128 value) {
  any_ = true;
  last_ = value;
  if (value < min_) min_ = value;
  if (value > max_) max_ = value;
  const std::uint64_t h = mix(value);
  bits_[h & 63] |= 1ull << ((h >> 6) & 63);
  bits_[(h >> 12) & 63] |= 1ull << ((h >> 18) & 63);
}

bool attribute_filter::may_contain(u128 value) const {
  if (!any_ || value < min_ || value > max_) return false;
  const std::uint64_t h = mix(value);
  return (bits_[h & 63] >> ((h >> 6) & 63) & 1) != 0 && (bits_[(h >> 12) & 63] >> ((h >> 18) & 63) & 1) != 0;
}

void attribute_filter::encode(std::string& out) const {
  out.push_back(any_ ? 1 : 0);
  if (!any_) return;
  put_big(out, min_);
  put_big(out, max_);
  out.append(reinterpret_cast<const char*>(bits_.data()), sizeof(bits_));
}

bool attribute_filter::decode(std::string_view& in) {
  *this = {};
  if (in.empty()) return false;
  any_ = in[0] != 0;
  in.remove_prefix(1);
  if (!any_) return true;
  if (in.size() < 32 + sizeof(bits_)) return false;
  min_ = get_big<u128>(in.data());
  max_ = get_big<u128>(in.data() + 16);
  std::memcpy(bits_.data(), in.data() + 32, sizeof(bits_));
  last_ = min_;
  in.remove_prefix(32 + sizeof(bits_));
  return true;
}

bool chunk_info::may_match(const query_record& query) const {
  if (transfers == 0) return false;
  if ((query.transfer_flags_set & transfer_flags) != query.transfer_flags_set) return false;
  const auto passes = [](u128 wanted, const attribute_filter& filter) {
    return wanted == 0 || filter.may_contain(wanted);
  };
  return passes(query.ledger, ledger) && passes(query.code, code) && passes(query.user_data_32, user_data_32) &&
         passes(query.user_data_64, user_data_64) && passes(query.user_data_128, user_data_128);
}

bool chunk_info::may_match(const order_event_query& query) const {
  return orders != 0 && (query.merchant == 0 || merchant.may_contain(query.merchant)) &&
         (query.context_id == 0 || context.may_contain(query.context_id)) &&
         (query.root_id == 0 || root.may_contain(query.root_id));
}

std::string chunk_info::encode() const {
  std::string out;
  for (const std::uint64_t v :
       {std::uint64_t{number}, first_seq, last_seq, first_time, last_time, std::uint64_t{transfers},
        std::uint64_t{links}, std::uint64_t{transfer_flags}, std::uint64_t{orders}}) {
    put_big(out, v);
  }
  for (const auto* filter :
       {&ledger, &code, &user_data_32, &user_data_64, &user_data_128, &merchant, &context, &root}) {
    filter->encode(out);
  }
  return out;
}

bool chunk_info::decode(std::string_view in) {
  if (in.size() < 72) return false;
  const auto at = [&](int i) { return get_big<std::uint64_t>(in.data() + 8 * i); };
  number = static_cast<std::uint32_t>(at(0));
  first_seq = at(1);
  last_seq = at(2);
  first_time = at(3);
  last_time = at(4);
  transfers = static_cast<std::uint32_t>(at(5));
  links = static_cast<std::uint32_t>(at(6));
  transfer_flags = static_cast<std::uint16_t>(at(7));
  orders = static_cast<std::uint32_t>(at(8));
  in.remove_prefix(72);
  for (auto* filter : {&ledger, &code, &user_data_32, &user_data_64, &user_data_128, &merchant, &context, &root}) {
    if (!filter->decode(in)) return false;
  }
  return in.empty();
}

}  // namespace payloom::storage
