def work(count):
    state = {"x": 0, "y": 1, "name": "ball", "speed": {"x": 1, "y": 2}}
    for i in range(count):
        state["x"] += state["speed"]["x"]
        state["y"] = state["y"] + state["speed"]["y"] * 0.5
        if state["x"] > 100:
            state["speed"]["x"] = -1
        if state["x"] < 0:
            state["speed"]["x"] = 1
    points = [{"x": 0, "y": 0}]
    for i in range(count):
        points.append({"x": i, "y": 2 * i})
    sum = state["x"] + state["y"]
    for point in points:
        sum += point["x"] - point["y"]
    return sum

print(work(200_000))
