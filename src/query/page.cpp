#include "query/page.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "gold/nearest.h"

namespace lode::query {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kVersion = 1;
constexpr size_t kMaxCursor = 4096;

std::string base64url(std::string_view bytes) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char byte : bytes) {
    bits = (bits << 8 | static_cast<uint8_t>(byte)) & 0xffff;
    for (count += 8; count >= 6; count -= 6) out.push_back(kAlphabet[bits >> (count - 6) & 63]);
  }
  if (count > 0) out.push_back(kAlphabet[bits << (6 - count) & 63]);
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char letter : text) {
    size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count));
    }
  }
  return out;
}

std::string fixed64(uint64_t number) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
  return out;
}

std::string checksum(std::string_view bytes) {
  return fixed64(XXH3_64bits(bytes.data(), bytes.size())).substr(4);
}

}  // namespace

Answer<uint32_t> parse_limit(const Parameters& parameters) {
  const std::string* text = find_parameter(parameters, "limit");
  if (text == nullptr) return kDefaultLimit;
  uint32_t limit = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMaxLimit) {
    return invalid_parameter("limit", "`limit` is a whole number from 1 to 10000");
  }
  return limit;
}

// version, hash of the query, last key, checksum of all before.
std::string encode_cursor(uint64_t query_hash, std::string_view last_key) {
  std::string bytes = std::string(1, kVersion) + fixed64(query_hash) + std::string(last_key);
  return base64url(bytes + checksum(bytes));
}

Answer<std::string> decode_cursor(std::string_view cursor, uint64_t query_hash) {
  const Failure malformed{400,
                          {"invalid_cursor", "/cursor",
                           "the cursor is malformed; pass `next_cursor` of the page before as it is"}};
  std::optional<std::string> bytes = from_base64url(cursor.substr(0, kMaxCursor));
  if (!bytes || cursor.size() > kMaxCursor || bytes->size() < 13) return malformed;
  std::string_view body = std::string_view(*bytes).substr(0, bytes->size() - 4);
  if (checksum(body) != bytes->substr(body.size()) || body[0] != kVersion) return malformed;
  if (body.substr(1, 8) != fixed64(query_hash)) {
    return Failure{400,
                   {"invalid_cursor", "/cursor",
                    "the cursor is of another query, or the view or the rules have changed since; keep all "
                    "parameters but "
                    "`limit` from page to page, or begin again without a cursor"}};
  }
  return std::string(body.substr(9));
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  return gold::nearest(name, known);
}

Failure invalid_parameter(std::string_view name, std::string detail) {
  std::string pointer = "/";
  for (char letter : name.substr(0, 64)) {
    if (letter == '~' || letter == '/') {
      pointer += letter == '~' ? "~0" : "~1";
    } else {
      pointer += letter;
    }
  }
  return {400, {"invalid_parameter", std::move(pointer), std::move(detail)}};
}

}  // namespace lode::query
