"""tmp"""


def write_papers(world, cast, box, out):
    return []
