#include "admin/past.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "env/newer_format.h"
#include "event/json_text.h"
#include "event/time.h"
#include "snapshot/file.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

namespace {

constexpr uint64_t kFormat = 1;
constexpr std::string_view kFile = "past.json";

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return out;
}

std::array<uint8_t, 16> secret_of(std::string_view hex) {
  std::array<uint8_t, 16> out{};
  if (hex.size() != 2 * out.size()) throw std::runtime_error("its secret is damaged");
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<uint8_t>(std::stoul(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  return out;
}

PastMark read_mark(const std::filesystem::path& folder) {
  std::ifstream in(folder / kFile, std::ios::binary);
  if (!in)
    throw std::runtime_error(folder.string() +
                             " holds no state of the past: `lodectl replay --to --into` makes one");
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::object root = parser.parse(bytes);
    if (const auto format = uint64_t(root["format"]); format > kFormat)
      throw std::runtime_error(env::newer_format("the state in " + folder.string(), format, kFormat));
    PastMark out;
    out.offset = root["offset"];
    out.record_micros = root["record_micros"];
    out.made_micros = root["made_micros"];
    out.secret = std::string_view(root["secret"]);
    out.ruleset = std::string_view(root["ruleset"]);
    return out;
  } catch (const simdjson::simdjson_error& error) {
    throw std::runtime_error((folder / kFile).string() + " is damaged: " + error.what());
  }
}

}  // namespace

struct Past::Impl {
  explicit Impl(const std::filesystem::path& folder)
      : mark(read_mark(folder)), hasher(secret_of(mark.secret)) {
    const materialize::Ruleset rules = materialize::Ruleset::decode(mark.ruleset);
    auto open = [&](const std::vector<store::Family>& families) {
      auto disk =
          std::make_unique<store::RocksDbDisk>(state_in(folder), families, store::RocksDbDisk::Access::read);
      if (store::checkpoint_of(*disk->snapshot()).ruleset_hash != rules.hash() && mark.offset >= 0)
        throw std::runtime_error("the state in " + folder.string() +
                                 " was made by a program with other rules: read it with that one");
      return disk;
    };
    generation = std::make_shared<materialize::Generation>(rules, hasher, materialize::Settings{}, open);
  }

  const PastMark mark;
  const store::Hasher hasher;
  std::shared_ptr<materialize::Generation> generation;
};

Past::Past(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>(folder)) {}
Past::~Past() = default;

const PastMark& Past::mark() const { return impl_->mark; }
const store::Hasher& Past::hasher() const { return impl_->hasher; }
const std::shared_ptr<materialize::Generation>& Past::generation() const { return impl_->generation; }

bool is_past(const std::filesystem::path& folder) { return std::filesystem::exists(folder / kFile); }

void mark_past(const std::filesystem::path& folder, const PastMark& mark) {
  std::string ruleset;
  event::append_quoted(ruleset, mark.ruleset);
  const std::string text = fmt::format(
      "{{\"format\":{},\"offset\":{},\"as_of_time\":{},\"record_micros\":{},\"made_micros\":{},\"secret\":\"{"
      "}\","
      "\"ruleset\":{}}}\n",
      kFormat, mark.offset,
      mark.offset < 0 ? "null" : '"' + event::format_rfc3339({mark.record_micros}) + '"', mark.record_micros,
      mark.made_micros, hex_of(mark.secret), ruleset);
  const std::filesystem::path unfinished = folder / "past.json.new";
  {
    snapshot::File file = snapshot::File::create(unfinished);
    file.write(0, text);
    file.sync();
  }
  std::filesystem::permissions(unfinished,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(unfinished, folder / kFile);
  snapshot::sync_folder(folder);
}

}  // namespace lode::admin
