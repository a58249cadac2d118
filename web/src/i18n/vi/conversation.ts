import type { conversation as en } from "../en/conversation";

export const conversation: typeof en = {
  message: "Tin nhắn",
  send: "Gửi",
  noMessages: "Chưa có tin nhắn. Hãy chào một câu.",
  notOpened: "Không đọc được các tin nhắn ở đây.",
  older: "Hiện tin nhắn cũ hơn",
  typing: "{name} đang gõ…",
  edited: "đã sửa",
  unknownBody: "Tin nhắn này cần phiên bản mới hơn.",
  warned: "Thứ tự các tin nhắn này có điều không ổn. Máy chủ có thể đã bỏ mất một tin.",
  warnedRevoked: "Tin này, hoặc một thay đổi của nó, đến từ một thiết bị mà chủ của nó đã đăng xuất.",
  stateQueued: "Đang chờ",
  stateSent: "Đã gửi",
  stateDelivered: "Đã nhận",
  stateRead: "Đã đọc",
  stateFailed: "Không gửi được",
  blockedViolated: "Số an toàn của {name} đã đổi. Không tin nào được gửi cho đến khi bạn so số với họ.",
};
