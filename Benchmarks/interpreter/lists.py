def work(count):
    numbers = []
    for i in range(count):
        numbers.append(i * 3)
    words = ["a"]
    for i in range(count):
        words.append("b")
    sum = 0
    for i in range(count):
        numbers[i] = numbers[i] + 1
        sum += numbers[i]
    for word in words:
        if word == "b":
            sum += 1
    rows = [[1, "x"]]
    for i in range(count):
        rows.append([i, "x"])
    for number, name in rows:
        sum += number
    return sum

print(work(100_000))
