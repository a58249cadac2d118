import type { app as en } from "../en/app";

export const app: typeof en = {
  app: "Sotto",
  tagline: "Tin nhắn chỉ bạn và người bạn nhắn đọc được.",
  working: "Xin chờ…",
  cancel: "Huỷ",
  you: "Bạn",
  dismiss: "Bỏ",
  offline: "Ngoại tuyến. Tin bạn viết sẽ được gửi khi có mạng lại.",
  offlineHere: "Ngoại tuyến. Việc này cần có mạng.",
  connecting: "Đang kết nối…",
  loginSeen: "Có người đăng nhập tài khoản của bạn trên “{name}”. Nếu không phải bạn, hãy xem các thiết bị.",
  close: "Đóng",
  back: "Quay lại",
  brokenCrashed: "Phần mã hoá đã ngừng. Không mất gì cả.",
  brokenReplaced:
    "Một phiên bản Sotto mới hơn đang mở ở thẻ khác. Hãy tải lại trang này; những gì bạn viết vẫn được giữ.",
  brokenStore: "Trình duyệt không cho Sotto lưu dữ liệu. Ổ đĩa đầy, hay đây là cửa sổ riêng tư?",
  reload: "Tải lại",
  errorDefault: "Không thực hiện được. Hãy thử lại.",
  errorUnreachable: "Không kết nối được máy chủ.",
  fieldEmpty: "Hãy điền vào đây.",
};
