#include "admin/backup_manifest.h"

#include <fmt/format.h>

#include <charconv>

#include "env/newer_format.h"
#include "snapshot/manifest.h"

namespace lode::admin {

namespace {

constexpr std::string_view kFirstLine = "lode-backup 1";
constexpr uint64_t kFormat = 1;

std::string line_of(std::string_view name, const store::Checkpoint& at) {
  return fmt::format("{} {} {} {} {:016x}\n", name, at.entry_index, at.next_offset, at.record_micros,
                     at.ruleset_hash);
}

// The words of a manifest, line by line.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // The next line must begin with `name`; its other words.
  std::vector<std::string_view> take(std::string_view name, size_t words) {
    auto found = next();
    if (found.empty() || found.front() != name || found.size() != words + 1)
      throw BadBackup("it has no line \"" + std::string(name) + "\" where one belongs");
    found.erase(found.begin());
    return found;
  }
  std::string_view only(std::string_view name) { return take(name, 1).front(); }
  bool done() const { return rest_.empty(); }

 private:
  std::vector<std::string_view> next() {
    const size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    std::vector<std::string_view> words;
    for (size_t space = 0; space != std::string_view::npos;
         line.remove_prefix(std::min(space, line.size()) + 1)) {
      space = line.find(' ');
      words.push_back(line.substr(0, space));
      if (space == std::string_view::npos) break;
    }
    return words;
  }

  std::string_view rest_;
};

template <typename Number>
Number number_of(std::string_view word, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc() || end != word.data() + word.size())
    throw BadBackup("it has no number where one belongs: " + std::string(word));
  return value;
}

store::Checkpoint checkpoint_of(const std::vector<std::string_view>& words) {
  return {number_of<uint64_t>(words[1]), number_of<uint64_t>(words[0]), number_of<int64_t>(words[2]),
          number_of<uint64_t>(words[3], 16)};
}

snapshot::ContentHash hash_of(std::string_view hex) {
  if (hex.size() != 32) throw BadBackup("it has no hash where one belongs: " + std::string(hex));
  return {number_of<uint64_t>(hex.substr(0, 16), 16), number_of<uint64_t>(hex.substr(16), 16)};
}

BackupFile file_of(const std::vector<std::string_view>& words) {
  BackupFile file;
  file.name = words[0];
  const size_t slash = file.name.find('/');
  const std::string_view folder = std::string_view(file.name).substr(0, slash);
  if ((folder != "log" && folder != "state") || !snapshot::is_plain_name(file.name.substr(slash + 1)))
    throw BadBackup("it names a file that no backup has: " + file.name);
  file.content = {number_of<uint64_t>(words[1]), hash_of(words[2])};
  file.source = {number_of<uint64_t>(words[3]), number_of<uint64_t>(words[4]), number_of<int64_t>(words[5])};
  return file;
}

std::string_view or_none(const std::string& text) { return text.empty() ? "-" : std::string_view(text); }
std::string text_of(std::string_view word) { return word == "-" ? "" : std::string(word); }

}  // namespace

std::string Content::name() const { return hash.hex() + "-" + std::to_string(size); }

uint64_t BackupManifest::bytes() const {
  uint64_t sum = 0;
  for (const BackupFile& file : files) sum += file.content.size;
  return sum;
}

std::vector<const BackupFile*> BackupManifest::files_of(std::string_view of) const {
  std::vector<const BackupFile*> found;
  for (const BackupFile& file : files)
    if (file.name.starts_with(of) && file.name[of.size()] == '/') found.push_back(&file);
  return found;
}

std::string BackupManifest::encode() const {
  std::string out =
      fmt::format("{}\nbackup {}\nmade {}\nnode {}\ncluster {}\nsecret {:016x}\nidentity {}\n", kFirstLine,
                  id, made_micros, node, or_none(cluster), secret_hash, or_none(log_identity));
  out += fmt::format("formats {} {}\nentries {} {}\n", log_format, state_format, first_entry, last_entry);
  out += line_of("applied", applied) + line_of("state", state);
  out += fmt::format("folder {}\nfiles {}\n", folder, files.size());
  for (const BackupFile& file : files)
    out += fmt::format("file {} {} {} {} {} {}\n", file.name, file.content.size, file.content.hash.hex(),
                       file.source.device, file.source.inode, file.source.changed_nanos);
  return out + fmt::format("checksum {:016x}\n", snapshot::piece_checksum(out));
}

BackupManifest BackupManifest::decode(std::string_view bytes) {
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  if (first != kFirstLine) {
    if (const uint64_t format = env::format_behind("lode-backup", first); format > kFormat)
      throw BadBackup(env::newer_format("it", format, kFormat));
    throw BadBackup("it is no backup of Lode");
  }
  const size_t last = bytes.rfind("\nchecksum ");
  if (last == std::string_view::npos || bytes.back() != '\n') throw BadBackup("it is not whole");
  Lines end(bytes.substr(last + 1));
  if (number_of<uint64_t>(end.only("checksum"), 16) != snapshot::piece_checksum(bytes.substr(0, last + 1)) ||
      !end.done())
    throw BadBackup("it is damaged");

  Lines in(bytes.substr(0, last + 1));
  in.take("lode-backup", 1);
  BackupManifest out;
  out.id = number_of<uint64_t>(in.only("backup"));
  out.made_micros = number_of<int64_t>(in.only("made"));
  out.node = number_of<uint64_t>(in.only("node"));
  out.cluster = text_of(in.only("cluster"));
  out.secret_hash = number_of<uint64_t>(in.only("secret"), 16);
  out.log_identity = text_of(in.only("identity"));
  const auto formats = in.take("formats", 2);
  out.log_format = number_of<uint32_t>(formats[0]);
  out.state_format = number_of<uint32_t>(formats[1]);
  const auto entries = in.take("entries", 2);
  out.first_entry = number_of<uint64_t>(entries[0]);
  out.last_entry = number_of<uint64_t>(entries[1]);
  out.applied = checkpoint_of(in.take("applied", 4));
  out.state = checkpoint_of(in.take("state", 4));
  out.folder = number_of<uint64_t>(in.only("folder"));
  const auto count = number_of<uint64_t>(in.only("files"));
  for (uint64_t i = 0; i < count; ++i) out.files.push_back(file_of(in.take("file", 6)));
  if (!in.done()) throw BadBackup("it has more than it should");
  return out;
}

}  // namespace lode::admin
