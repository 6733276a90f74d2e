#include "lodectl/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "lodectl/command.h"
#include "lodectl/interruption.h"

namespace lode::lodectl {
namespace {

constexpr size_t kPiece = 256 * 1024;

// Unpacks what is fed; `ended` when the last frame is whole.
struct Unpacker {
  virtual ~Unpacker() = default;
  virtual void feed(std::string_view in, std::string& out) = 0;
  virtual bool ended() const = 0;
};

struct Plain : Unpacker {
  void feed(std::string_view in, std::string& out) override { out += in; }
  bool ended() const override { return true; }
};

struct Gzip : Unpacker {
  Gzip() {
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw Failed("zlib can't start");
  }
  ~Gzip() override { inflateEnd(&stream); }
  void feed(std::string_view in, std::string& out) override {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    while (stream.avail_in > 0) {
      if (whole) inflateReset(&stream);  // another member follows
      whole = false;
      do {
        size_t at = out.size();
        out.resize(at + kPiece);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + at);
        stream.avail_out = kPiece;
        int code = inflate(&stream, Z_NO_FLUSH);
        out.resize(at + kPiece - stream.avail_out);
        if (code == Z_STREAM_END) {
          whole = true;
          break;
        }
        if (code != Z_OK && code != Z_BUF_ERROR) throw Failed("the gzip file is damaged");
      } while (stream.avail_out == 0);
    }
  }
  bool ended() const override { return whole; }
  z_stream stream{};
  bool whole = false;
};

struct Zstd : Unpacker {
  ~Zstd() override { ZSTD_freeDStream(stream); }
  void feed(std::string_view in, std::string& out) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    bool full = false;
    while (input.pos < input.size || full) {
      size_t at = out.size();
      out.resize(at + kPiece);
      ZSTD_outBuffer output{out.data() + at, kPiece, 0};
      size_t code = ZSTD_decompressStream(stream, &output, &input);
      out.resize(at + output.pos);
      if (ZSTD_isError(code))
        throw Failed(std::string("the zstd file is damaged: ") + ZSTD_getErrorName(code));
      whole = code == 0;
      full = output.pos == kPiece;
    }
  }
  bool ended() const override { return whole; }
  ZSTD_DStream* stream = ZSTD_createDStream();
  bool whole = false;
};

std::unique_ptr<Unpacker> unpacker_for(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) return std::make_unique<Gzip>();
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<Zstd>();
  return std::make_unique<Plain>();
}

}  // namespace

struct SourceFile::Impl {
  int descriptor = -1;
  uint64_t total = 0, position = 0;
  std::unique_ptr<Unpacker> unpacker;
  std::vector<char> piece = std::vector<char>(kPiece);

  ~Impl() {
    if (descriptor > 0) close(descriptor);
  }
  // A whole piece unless the file ends.
  size_t fill() {
    size_t size = 0;
    while (size < piece.size()) {
      ssize_t got = ::read(descriptor, piece.data() + size, piece.size() - size);
      if (got < 0 && errno == EINTR && !Interruption::asked()) continue;
      if (got < 0 && errno == EINTR) throw Failed("interrupted");
      if (got < 0) throw Failed(std::string("can't read the file: ") + std::strerror(errno));
      if (got == 0) break;
      size += static_cast<size_t>(got);
    }
    position += size;
    return size;
  }
};

SourceFile::SourceFile(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->descriptor = path == "-" ? 0 : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (impl_->descriptor < 0) throw Failed("can't open " + path + ": " + std::strerror(errno), kUsage);
  struct stat about;
  if (fstat(impl_->descriptor, &about) == 0 && S_ISREG(about.st_mode))
    impl_->total = static_cast<uint64_t>(about.st_size);
}

SourceFile::~SourceFile() = default;

bool SourceFile::read(std::string& out) {
  size_t size = impl_->fill();
  if (size == 0) {
    if (impl_->unpacker && !impl_->unpacker->ended()) throw Failed("the compressed file is cut short");
    return false;
  }
  std::string_view bytes(impl_->piece.data(), size);
  if (!impl_->unpacker) impl_->unpacker = unpacker_for(bytes);
  impl_->unpacker->feed(bytes, out);
  return true;
}

uint64_t SourceFile::bytes_read() const { return impl_->position; }
uint64_t SourceFile::bytes_total() const { return impl_->total; }

}  // namespace lode::lodectl
