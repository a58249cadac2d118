// Whether values say the same.

/** Plain values: objects, arrays, maps and sets are compared by what is in them, in its order. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (isCollection(one) || isCollection(other)) {
    return isCollection(one) && isCollection(other) && one.size === other.size && same([...one], [...other]);
  }
  const [names, others] = [Object.keys(one), Object.keys(other)];
  return (
    names.length === others.length &&
    Array.isArray(one) === Array.isArray(other) &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name as keyof object], other[name as keyof object]))
  );
}

const isCollection = (value: unknown): value is Map<unknown, unknown> | Set<unknown> =>
  value instanceof Map || value instanceof Set;
