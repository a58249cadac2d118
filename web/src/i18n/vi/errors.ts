import type { errors as en } from "../en/errors";

export const errors: typeof en = {
  wrong_credentials: "Sai tên người dùng hoặc mật khẩu.",
  username_taken: "Tên này đã có người dùng.",
  invalid_request: "Máy chủ không chấp nhận. Hãy kiểm tra lại.",
  rate_limited: "Thử quá nhiều lần. Hãy chờ một chút.",
  not_found: "Không có ai tên như vậy.",
  blocked: "Bạn không thể nhắn cho người này.",
  device_revoked: "Thiết bị này đã bị đăng xuất.",
  device_on_probation: "Thiết bị này còn quá mới. Hãy dùng thiết bị khác, hoặc chờ đến mai.",
  WordCount: "Khoá khôi phục có 24 từ.",
  UnknownWord: "Có một từ gõ sai.",
  Checksum: "Các từ không khớp nhau: một từ sai, hoặc hai từ bị đổi chỗ.",
  WrongRecoveryKey: "Đây không phải khoá khôi phục của tài khoản này.",
  NotYourName: "Đây không phải tên người dùng của bạn.",
  step_up_required: "Hãy nhập lại mật khẩu.",
  StoreFailed: "Trình duyệt không lưu được. Ổ đĩa có đầy không?",
  Garbled: "Câu trả lời không có nghĩa. Có gì đó chen giữa bạn và máy chủ, như trang đăng nhập của mạng, phải không?",
  limit_reached: "Đã quá nhiều.",
  internal: "Máy chủ gặp lỗi. Hãy thử lại sau giây lát.",
  unavailable: "Máy chủ đang bận. Hãy thử lại sau giây lát.",
  BodyTooLarge: "Tin nhắn quá dài.",
};
