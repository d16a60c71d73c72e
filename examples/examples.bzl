"""example(): a whole program of daily life or of an article, on the same class Lab as the labs.

    example(
        name = "coffee_shop",
        deps = ["//runtime/async"],
    )

makes //examples:coffee_shop from coffee_shop.cc and coffee_shop_*.cc, and the tests that a lab has:
coffee_shop_golden_test and coffee_shop_real_test. An example shows no schedules, unless it says so
(`schedules = True`): then there is coffee_shop_replay_test, too. labs/labs.bzl has the rest.
"""

load("//labs:labs.bzl", "lab")

def example(name, schedules = False, **kwargs):
    """An example.

    Args:
      name: of the program, without a number.
      schedules: whether its golden has any.
      **kwargs: as lab() has them.
    """
    lab(name = name, replay = schedules, **kwargs)
