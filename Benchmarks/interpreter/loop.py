def total(count):
    sum = 0
    i = 0
    while i < count:
        if i > 100:
            sum += i * 0.5
        else:
            sum -= 1
        i += 1
    return sum

print(total(10_000_000))
