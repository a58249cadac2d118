import { expect, test } from "vitest";
import { Flights, PATIENCE_MS, WINDOW } from "../src/core/flights";

test("after a refusal nothing leaves until all on the way are answered", () => {
  const flights = new Flights();
  for (const txn of ["1", "2", "3"]) flights.left("room", txn, 0);
  flights.turnedBack("room", "1", 0, 0);
  expect(flights.room("room", 0)).toBe(0);
  flights.turnedBack("room", "2", 0, 0);
  flights.landed("room", "3", 0);
  expect(flights.room("room", 0)).toBe(WINDOW);
});

test("what is not answered in time may leave again", () => {
  const flights = new Flights();
  flights.left("room", "1", 0);
  expect(flights.overdue(PATIENCE_MS)).toEqual([]);
  expect(flights.overdue(PATIENCE_MS + 1)).toEqual(["room"]);
  expect(flights.room("room", PATIENCE_MS + 1)).toBe(WINDOW);
});

test("a wait that was asked for is kept, unless the conversation changed", () => {
  const flights = new Flights();
  flights.hold("room", 3_000, 0);
  expect(flights.room("room", 2_999)).toBe(0);
  flights.release("room");
  expect(flights.room("room", 1)).toBe(WINDOW);
});
