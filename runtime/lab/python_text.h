// runtime/lab/python_text.h
//
// How Python prints a value. The articles' programs print what they got, and the published output
// shows Python's forms of it:
//
//   b'<html>\n'      {'status': 'Alive', 'origin': None}      21.773672103881836
//
// A C++ program that is to print the same lines says PythonBytes(response.body),
// PythonValue(Json::parse(response.body)), PythonFloat(seconds). They give what repr() gives, which
// is also what print() shows of anything inside of a list or a dict.
//
// Where it differs from Python 3.11: a code point that Unicode has not assigned is shown as it is
// and not escaped; and the JSON library makes a double of a whole number of more than 64 bits.
//
// Threads: functions of their arguments only.
#ifndef INTERLEAVE_RUNTIME_LAB_PYTHON_TEXT_H_
#define INTERLEAVE_RUNTIME_LAB_PYTHON_TEXT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace interleave {

// The fewest digits that are read back as the same number: "0.1", "9.0", "1e+16", "inf", "nan".
std::string PythonFloat(double number);

// "b'caf\xc3\xa9\n'"
std::string PythonBytes(std::string_view bytes);

// "'café'", of UTF-8. In double quotes if there is an apostrophe in it and no double quote. A byte
// that is no UTF-8 becomes '\udc80' to '\udcff', as in Python's file names.
std::string PythonString(std::string_view text);

// What json.loads makes of it: dict, list, str, int, float, True, False, None. The order of a
// dict's members is that of the text.
// Throws std::length_error if it is nested more than 1000 deep, where Python gives up, too.
std::string PythonValue(const nlohmann::ordered_json& value);

// "[1, None, <Response [200]>]", of elements that are printed forms already.
std::string PythonList(const std::vector<std::string>& elements);

// "<Response [200]>": what the library requests prints for an answer.
std::string PythonResponse(int status);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_PYTHON_TEXT_H_
