// tests/lab/python_text_test.cc: what Python 3.11 printed for the same values.
#include "runtime/lab/python_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace interleave {
namespace {

using Json = nlohmann::ordered_json;

TEST(PythonFloat, HasTheFewestDigitsThatAreReadBackAsTheSame) {
  EXPECT_EQ(PythonFloat(21.773672103881836), "21.773672103881836");
  EXPECT_EQ(PythonFloat(0.1), "0.1");
  EXPECT_EQ(PythonFloat(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(PythonFloat(5e-324), "5e-324");
  EXPECT_EQ(PythonFloat(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(PythonFloat(9007199254740993.0), "9007199254740992.0");
  EXPECT_EQ(PythonFloat(2e-44), "2e-44");
}

TEST(PythonFloat, IsNeverTakenForAnInt) {
  EXPECT_EQ(PythonFloat(0), "0.0");
  EXPECT_EQ(PythonFloat(-0.0), "-0.0");
  EXPECT_EQ(PythonFloat(9), "9.0");
  EXPECT_EQ(PythonFloat(-120), "-120.0");
}

TEST(PythonFloat, HasAnExponentBelowATenThousandthAndFromTenToThe16thOn) {
  EXPECT_EQ(PythonFloat(0.0001), "0.0001");
  EXPECT_EQ(PythonFloat(-0.00012345), "-0.00012345");
  EXPECT_EQ(PythonFloat(0.00001), "1e-05");
  EXPECT_EQ(PythonFloat(9999999999999998), "9999999999999998.0");
  EXPECT_EQ(PythonFloat(1e16), "1e+16");
  EXPECT_EQ(PythonFloat(-1.5e22), "-1.5e+22");
  EXPECT_EQ(PythonFloat(1e100), "1e+100");
}

TEST(PythonFloat, SaysInfAndNan) {
  EXPECT_EQ(PythonFloat(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(PythonFloat(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(PythonFloat(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(PythonFloat(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(PythonBytes, EscapesWhatIsNotPrintableAscii) {
  EXPECT_EQ(PythonBytes(""), "b''");
  EXPECT_EQ(PythonBytes("<html>\n"), R"(b'<html>\n')");
  EXPECT_EQ(PythonBytes("a\tb\rc\\d"), R"(b'a\tb\rc\\d')");
  EXPECT_EQ(PythonBytes(std::string("\0\x1f\x7f\x80\xff", 5)), R"(b'\x00\x1f\x7f\x80\xff')");
  EXPECT_EQ(PythonBytes("café"), R"(b'caf\xc3\xa9')");
}

TEST(PythonBytes, ChoosesTheQuotesThatNeedNoEscape) {
  EXPECT_EQ(PythonBytes("it's"), R"(b"it's")");
  EXPECT_EQ(PythonBytes(R"("so")"), R"(b'"so"')");
  EXPECT_EQ(PythonBytes(R"(it's "so")"), R"(b'it\'s "so"')");
}

TEST(PythonString, ShowsLettersOfAllLanguagesAsTheyAre) {
  EXPECT_EQ(PythonString("café, 東京, Ωμέγα, 🦋"), "'café, 東京, Ωμέγα, 🦋'");
  EXPECT_EQ(PythonString("it's"), R"("it's")");
  EXPECT_EQ(PythonString(R"(it's "so")"), R"('it\'s "so"')");
}

TEST(PythonString, EscapesControlsFormatsSpacesAndPrivateUse) {
  EXPECT_EQ(PythonString("\n\x1b\x7f"), R"('\n\x1b\x7f')");
  EXPECT_EQ(PythonString("\u00a0\u00ad\u200b\u3000\ufeff"), R"('\xa0\xad\u200b\u3000\ufeff')");
  EXPECT_EQ(PythonString("\ue000\U000e0041"), R"('\ue000\U000e0041')");
}

TEST(PythonString, ShowsBytesThatAreNoUtf8AsPythonsFileNamesDo) {
  EXPECT_EQ(PythonString("\x80\xff"), R"('\udc80\udcff')");
  EXPECT_EQ(PythonString("\xe6\x9d"), R"('\udce6\udc9d')");            // cut off
  EXPECT_EQ(PythonString("\xc0\xaf"), R"('\udcc0\udcaf')");            // longer than needed
  EXPECT_EQ(PythonString("\xed\xa0\x80"), R"('\udced\udca0\udc80')");  // a surrogate
  EXPECT_EQ(PythonString("\xf4\x90\x80\x80"), R"('\udcf4\udc90\udc80\udc80')");
}

TEST(PythonValue, IsWhatJsonLoadsGives) {
  EXPECT_EQ(PythonValue(Json::parse(R"({"id": 1, "alive": true, "dead": false, "origin": null})")),
            "{'id': 1, 'alive': True, 'dead': False, 'origin': None}");
  EXPECT_EQ(PythonValue(Json::parse(R"([1.0, 1e5, -3, 18446744073709551615, "it's"])")),
            R"([1.0, 100000.0, -3, 18446744073709551615, "it's"])");
  EXPECT_EQ(PythonValue(Json::parse(R"({"a": {"b": [[], {}]}, "": ""})")),
            "{'a': {'b': [[], {}]}, '': ''}");
  EXPECT_EQ(PythonValue(Json::parse(R"("text")")), "'text'");
}

TEST(PythonValue, KeepsTheOrderOfTheText) {
  EXPECT_EQ(PythonValue(Json::parse(R"({"z": 1, "a": 2, "m": 3})")), "{'z': 1, 'a': 2, 'm': 3}");
}

TEST(PythonValue, NestedWithoutEndIsRefused) {
  const auto nested = [](int depth) {
    return Json::parse(std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_EQ(PythonValue(nested(3)), "[[[]]]");
  EXPECT_EQ(PythonValue(nested(1000)).size(), 2000u);
  EXPECT_THROW(PythonValue(nested(100'000)), std::length_error);
}

TEST(PythonList, HasPrintedForms) {
  EXPECT_EQ(PythonList({}), "[]");
  EXPECT_EQ(PythonList({PythonResponse(200), "None", PythonResponse(404)}),
            "[<Response [200]>, None, <Response [404]>]");
}

}  // namespace
}  // namespace interleave
