#include "env/address.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace lode::env {
namespace {

struct Example {
  std::string text, host;
  uint16_t port;
  bool loopback;
};

TEST(Address, IsTakenApart) {
  const Example examples[] = {
      {"127.0.0.1:7071", "127.0.0.1", 7071, true},
      {"127.9.8.7:0", "127.9.8.7", 0, true},
      {"0.0.0.0:65535", "0.0.0.0", 65535, false},
      {"128.0.0.1:1", "128.0.0.1", 1, false},
      {"localhost:7071", "127.0.0.1", 7071, true},
      {"[::1]:7071", "::1", 7071, true},
      {"[::]:7071", "::", 7071, false},
      {"[fd00::2]:7071", "fd00::2", 7071, false},
      {"[::ffff:127.0.0.1]:7071", "::ffff:127.0.0.1", 7071, false},
  };
  for (const Example& example : examples) {
    const auto address = parse_address(example.text);
    ASSERT_TRUE(address) << example.text;
    EXPECT_EQ(address->host, example.host);
    EXPECT_EQ(address->port, example.port) << example.text;
    EXPECT_EQ(address->loopback, example.loopback) << example.text;
  }
}

TEST(Address, IsNumericWithAPort) {
  for (const char* text : {"",
                           ":",
                           ":7071",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 1",
                           "127.0.0.1:1x",
                           "127.0.0:1",
                           "127.0.0.1.1:1",
                           "127.00.0.01x:1",
                           "shop:7071",
                           "shop.example:7071",
                           "::1:7071",
                           "[::1]",
                           "[]:7071",
                           "[:7071",
                           "[::1:7071",
                           "::1]:7071",
                           "[::g]:7071",
                           "[127.0.0.1]:7071",
                           "[localhost]:7071",
                           " 127.0.0.1:7071"})
    EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Address, ThatIsNoneIsNamed) {
  try {
    address_of("shop:7071");
    FAIL() << "a name is not looked up";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'shop:7071' is not an address"));
  }
  EXPECT_EQ(address_of("[::1]:7071").port, 7071);
}

TEST(Address, TextIsReadAgain) {
  EXPECT_EQ(address_text("127.0.0.1", 80), "127.0.0.1:80");
  EXPECT_EQ(address_text("::1", 80), "[::1]:80");
  for (const char* text : {"127.0.0.1:7071", "[fd00::2]:7071"}) {
    const Address address = address_of(text);
    EXPECT_EQ(address_text(address.host, address.port), text);
  }
}

}  // namespace
}  // namespace lode::env
